/** The server's no: one sentence for people, a reason for programs. */
export class RequestError extends Error {
  /**
   * @param message - the sentence
   * @param reason - a machine name; `unreachable` when there was no answer, `no_extension`
   *   when the server has no such routes
   * @param status - of HTTP; 0 without an answer
   */
  constructor(
    message: string,
    readonly reason: string,
    readonly status: number
  ) {
    super(message);
  }
}
