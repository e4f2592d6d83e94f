/** What a response is about, as far as it is rewritten. */
interface Example {
  droplet?: Record<string, unknown>;
  image?: Record<string, unknown>;
  action?: Record<string, unknown>;
  actions?: Record<string, unknown>[];
}

/**
 * Makes an example be about what was requested. Prism responds with the same example whatever the path names, and the library
 * takes a response about something else for none.
 * @param url path and query of the request
 * @param sent the body of the request
 * @param body the response's; unchanged if it is not JSON
 */
export function aboutWhatWasAsked(url: string, sent: string, body: string): string {
  const [, collection = '', key = '', ofActions, actionId] =
    /^\/v2\/(images|droplets|actions)\/([^/?]+)(?:\/(actions)(?:\/(\d+))?)?(?:\?|$)/.exec(url) ?? [];
  if (collection === '' || !body.startsWith('{')) return body;
  const example = JSON.parse(body) as Example;
  const isId = /^\d+$/.test(key);
  if (collection === 'actions') Object.assign(example.action ?? {}, { id: Number(key) });
  else if (ofActions === undefined)
    Object.assign(example.image ?? example.droplet ?? {}, isId ? { id: Number(key) } : { slug: key });
  else
    for (const action of [...(example.action ? [example.action] : []), ...(example.actions ?? [])]) {
      action.resource_id = Number(key);
      if (actionId !== undefined) action.id = Number(actionId);
      const { type, region } = (sent.startsWith('{') ? JSON.parse(sent) : {}) as Record<string, unknown>;
      Object.assign(action, type && { type }, region && { region_slug: region });
    }
  return JSON.stringify(example);
}
