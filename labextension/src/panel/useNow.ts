import * as React from 'react';

/** The time, told again now and then. */
export function useNow(milliseconds: number): number {
  const [now, setNow] = React.useState(() => Date.now());
  React.useEffect(() => {
    const timer = window.setInterval(() => {
      setNow(Date.now());
    }, milliseconds);
    return () => {
      window.clearInterval(timer);
    };
  }, [milliseconds]);
  return now;
}
