import type { IApi } from '../src/rest/api';
import type { IAgentAuthEvent, IEventSource } from '../src/rest/events';

/** An event source that a test drives. */
export class FakeEvents implements IEventSource {
  happened: (event: IAgentAuthEvent) => void = () => undefined;
  connected: () => void = () => undefined;
  lost: () => void = () => undefined;
  opened = false;

  open(): void {
    this.opened = true;
  }

  reconnects = 0;

  reconnect(): void {
    this.reconnects += 1;
  }

  close(): void {
    this.opened = false;
  }
}

/** A server of which a test says what it answers; what it does not say is never asked. */
export function fakeApi(answers: Partial<IApi>): IApi & { readonly asked: string[] } {
  const asked: string[] = [];
  const handler: ProxyHandler<Partial<IApi>> = {
    get: (target, name: string) => {
      if (name === 'asked') {
        return asked;
      }
      return (...parameters: unknown[]) => {
        asked.push(name);
        const answer = target[name as keyof IApi] as
          ((...parameters: unknown[]) => unknown) | undefined;
        if (answer === undefined) {
          throw new Error(`nobody expected ${name}`);
        }
        return answer(...parameters);
      };
    }
  };
  return new Proxy(answers, handler) as IApi & { readonly asked: string[] };
}
