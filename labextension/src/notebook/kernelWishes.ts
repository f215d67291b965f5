import type { ISessionContext } from '@jupyterlab/apputils';
import type { Kernel, KernelMessage } from '@jupyterlab/services';
import type { Widget } from '@lumino/widgets';

import { COMM_TARGET, type IWish, parseWish } from './sessionData';

/**
 * Hears what kernels of notebooks and consoles ask this page for.
 *
 * Several pages, and several notebooks of one page, may be connected to one kernel, and all hear
 * it. The one whose connection ran the cell acts; a message that is not of a running cell of this
 * page belongs to none.
 */
export class KernelWishes {
  constructor(private readonly granted: (wish: IWish, origin: Widget) => void) {}

  /** Hear the kernels that a notebook or a console has, one after the other. */
  follow(origin: Widget, context: ISessionContext): void {
    const hear = (): void => {
      context.session?.kernel?.registerCommTarget(COMM_TARGET, this.answer);
    };
    hear();
    context.kernelChanged.connect(hear);
    // Of the connections to one kernel JupyterLab (4.6) lets only one handle comms; all hear them.
    const listen = (_: unknown, message: KernelMessage.IMessage): void => {
      const kernel = context.session?.kernel;
      const wish = kernel ? wishIn(message, kernel.clientId) : null;
      if (wish !== null) {
        this.granted(wish, origin);
      }
    };
    context.iopubMessage.connect(listen);
    this.contexts.add(context);
    origin.disposed.connect(() => {
      this.contexts.delete(context);
      context.kernelChanged.disconnect(hear);
      context.iopubMessage.disconnect(listen);
    });
  }

  /** The kernel is answered by the page that acts; the others do not close what is not theirs. */
  private readonly answer = (comm: Kernel.IComm, message: KernelMessage.ICommOpenMsg): void => {
    const isOurs = [...this.contexts].some(context => {
      const kernel = context.session?.kernel;
      return kernel ? wishIn(message, kernel.clientId) !== null : false;
    });
    if (isOurs) {
      void comm.send({ shown: true });
      void comm.close();
    } else {
      comm.dispose();
    }
  };

  private readonly contexts = new Set<ISessionContext>();
}

/**
 * What a message asks a connection for; null where it asks another one, or nothing.
 *
 * @param client - of the connection
 */
export function wishIn(
  message: Pick<KernelMessage.IMessage, 'header' | 'parent_header' | 'content'>,
  client: string
): IWish | null {
  const { header, parent_header, content } = message;
  if (header.msg_type !== 'comm_open' || !('session' in parent_header)) {
    return null;
  }
  const { target_name, data } = content as KernelMessage.ICommOpenMsg['content'];
  const isOurs = target_name === COMM_TARGET && parent_header.session === client;
  return isOurs ? parseWish(data) : null;
}
