import { NotFoundError } from './errors/errors';
import { checkCallOptions } from './model/call-options';
import type { CallOptions } from './model/requester';
import { Resource } from './model/resource';
import { checkTag } from './util/validate';

/** A resource that has tags. */
export abstract class Taggable extends Resource {
  abstract readonly id: number;

  /** The API's name of the class, such as `image`. @internal */
  protected abstract get resourceType(): string;

  /**
   * Adds a tag to the resource. Creates the tag if it does not exist.
   * @param name 1 to 255 letters, digits, `:`, `-` and `_`
   */
  async tag(name: string, options: CallOptions = {}): Promise<void> {
    const call = {
      ...checkCallOptions(options),
      method: 'POST',
      idempotent: true,
      read: () => undefined,
    } as const;
    const addTag = (): Promise<void> => this.api.send(this.tagUrl(name), { ...call, body: this.tagBody });
    try {
      await addTag();
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error;
      await this.api.send(`${this.api.endpoint}/v2/tags`, { ...call, body: { name } });
      await addTag();
    }
  }

  /** Removes a tag from the resource. @throws NotFoundError when the tag does not exist */
  async untag(name: string, options: CallOptions = {}): Promise<void> {
    await this.api.send(this.tagUrl(name), {
      ...checkCallOptions(options),
      method: 'DELETE',
      body: this.tagBody,
      read: () => undefined,
    });
  }

  private tagUrl(name: string): string {
    return `${this.api.endpoint}/v2/tags/${checkTag('name', name)}/resources`;
  }

  private get tagBody(): object {
    return { resources: [{ resource_id: String(this.id), resource_type: this.resourceType }] };
  }
}
