import { URLExt } from '@jupyterlab/coreutils';
import { ServerConnection } from '@jupyterlab/services';

import { RequestError } from './requestError';

const API = 'agentauth/api';

/**
 * Call the REST API.
 *
 * @param path - below `agentauth/api/`, its parts encoded
 * @returns the JSON of the answer; undefined for an empty one
 * @throws RequestError
 */
export async function request(
  settings: ServerConnection.ISettings,
  method: string,
  path: string,
  body?: unknown
): Promise<unknown> {
  const response = await send(settings, method, path, body);
  let text: string;
  try {
    text = await response.text();
  } catch {
    throw unreachable();
  }
  return text ? parse(text, response.status) : undefined;
}

/**
 * Call a route that answers line by line, each one JSON.
 *
 * @param take - takes each line as it comes
 * @returns whether there was an answer to read: false for 204
 * @throws RequestError
 */
export async function requestLines(
  settings: ServerConnection.ISettings,
  method: string,
  path: string,
  body: unknown,
  take: (line: unknown) => void
): Promise<boolean> {
  const response = await send(settings, method, path, body);
  if (response.status === 204 || response.body === null) {
    return false;
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (;;) {
    let chunk;
    try {
      chunk = await reader.read();
    } catch {
      throw unreachable();
    }
    if (chunk.done) {
      break;
    }
    const lines = (rest + chunk.value).split('\n');
    rest = lines.pop() ?? '';
    lines.filter(Boolean).forEach(line => {
      take(parse(line, response.status));
    });
  }
  return true;
}

async function send(
  settings: ServerConnection.ISettings,
  method: string,
  path: string,
  body: unknown
): Promise<Response> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.body = JSON.stringify(body);
  }
  let response: Response;
  try {
    response = await ServerConnection.makeRequest(
      URLExt.join(settings.baseUrl, API, path),
      init,
      settings
    );
  } catch {
    throw unreachable();
  }
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}

async function refusal(response: Response): Promise<RequestError> {
  try {
    const { message, reason } = (await response.json()) as { message: unknown; reason: unknown };
    if (typeof message === 'string' && typeof reason === 'string') {
      return new RequestError(message, reason, response.status);
    }
  } catch {
    // Not ours: a proxy's page, or a server without the extension.
  }
  return response.status === 404
    ? new RequestError('The server has no agents extension.', 'no_extension', 404)
    : new RequestError(
        response.statusText || 'The server failed at this.',
        'http',
        response.status
      );
}

function unreachable(): RequestError {
  return new RequestError('The server does not answer.', 'unreachable', 0);
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A proxy's page in the place of an answer, such as one to log in.
    throw new RequestError('The answer of the server cannot be read.', 'unreadable', status);
  }
}
