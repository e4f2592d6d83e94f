import { NotFoundError, PermissionDeniedError } from './errors/errors';
import { checkCallOptions } from './model/call-options';
import type { CallOptions, Method } from './model/requester';
import { Resource } from './model/resource';
import { checkTag } from './util/validate';

/** A resource that has tags. */
export abstract class Taggable extends Resource {
  abstract readonly id: number;

  /** The API's name of the class, such as `image`. @internal */
  protected abstract get resourceType(): string;

  /** Fetches the resource's current state. */
  abstract fetch(options?: CallOptions): Promise<unknown>;

  /**
   * Adds a tag to the resource. Creates the tag if it does not exist.
   * @param name 1 to 255 letters, digits, `:`, `-` and `_`
   * @throws NotFoundError when the resource no longer exists; then no tag is created, if the token may read the resource
   */
  async tag(name: string, options: CallOptions = {}): Promise<void> {
    const call = checkCallOptions(options);
    try {
      await this.sendTag('POST', name, call);
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      // The 404 does not say which one is missing: the tag or the resource.
      await this.fetch(call).catch((reason: unknown) => {
        if (!(reason instanceof PermissionDeniedError)) throw reason;
      });
      const create = { ...call, method: 'POST', body: { name }, idempotent: true } as const;
      await this.api.send(`${this.api.endpoint}/v2/tags`, { ...create, read: () => undefined });
      await this.sendTag('POST', name, call);
    }
  }

  /** Removes a tag from the resource. @throws NotFoundError when the tag does not exist */
  async untag(name: string, options: CallOptions = {}): Promise<void> {
    await this.sendTag('DELETE', name, checkCallOptions(options));
  }

  private sendTag(method: Method, name: string, call: CallOptions): Promise<void> {
    return this.api.send(`${this.api.endpoint}/v2/tags/${checkTag('name', name)}/resources`, {
      ...call,
      method,
      body: { resources: [{ resource_id: String(this.id), resource_type: this.resourceType }] },
      idempotent: true,
      read: () => undefined,
    });
  }
}
