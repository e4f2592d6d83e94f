import { checkCallOptions } from './model/call-options';
import type { CallOptions, Requester, Resources } from './model/requester';
import { Mismatch } from './model/fields';
import { validateOptions } from './util/options/validate-options';
import { excerpt } from './util/text/sanitize';
import { defineCheck, is } from './util/validate';

/** The account that an image is offered to: either is enough, and only one may be given. */
export type ImageRecipient =
  | {
      /** The e-mail address of an account. */
      email: string;
      /** Not beside `email`. */
      uuid?: undefined;
    }
  | {
      /** The UUID of a team. */
      uuid: string;
      /** Not beside `uuid`. */
      email?: undefined;
    };

const RECIPIENT = {
  email: defineCheck<string>(
    'an e-mail address',
    (value) => typeof value === 'string' && /^[^\s@]+@[^\s@]+$/.test(value),
  ),
  uuid: is.segment,
};

const ACCEPT = { uuid: is.required(is.segment) };

/** The part of an image that an offer uses. */
interface Offerable {
  readonly id: number;
  readonly url: string;
  readonly name: string;
  readonly type: string | null;
  readonly public: boolean;
}

/**
 * An offer of a snapshot to another account. It is a move, not a copy: once it is accepted, the image has left the account
 * of the sender. No request can list offers, so keep the `id`: the recipient needs it, and so does `cancel()`.
 *
 * ```ts
 * const offer = await image.offerTo({ email: 'bob@example.com' });
 * // in the other account, with both ids:
 * await api.imageOffer(offer.image.id, offer.id).accept({ uuid });
 * ```
 */
export class ImageOffer {
  /** A literal, which minifiers keep. @internal */
  static readonly name = 'ImageOffer';
  /** The API's `transfer_id`; 0 when the offer was accepted at once. */
  readonly id: number;
  /** The image, as it was when it was offered; on the side of the recipient, its id alone. */
  readonly image: Resources['image'];
  /** Whether the recipient accepted at once: the image has left the account already. */
  readonly accepted: boolean;
  readonly #api: Requester;

  /** @internal */
  constructor(api: Requester, image: Resources['image'], id: number) {
    this.#api = api;
    this.image = image;
    this.id = id;
    this.accepted = id === 0;
  }

  /**
   * Withdraws the offer; for the sender.
   * @throws TypeError when it was accepted at once; NotFoundError when it was accepted, declined or cancelled meanwhile;
   *   UnknownOutcomeError when the response was lost
   */
  async cancel(options: CallOptions = {}): Promise<void> {
    await this.end('cancel', options);
  }

  /**
   * Accepts the offer, so that the image moves to this account; for the recipient.
   * @param recipient `uuid`: the team that takes the image
   * @throws NotFoundError when there is no such offer to this account, or it has ended; UnknownOutcomeError when the response
   *   was lost: `offer.image.fetch()` tells whether the image has come
   */
  async accept(recipient: { uuid: string }, options: CallOptions = {}): Promise<void> {
    const { uuid } = validateOptions(recipient, ACCEPT, 'recipient');
    await this.end('accept', options, { recipient_uuid: uuid });
  }

  /**
   * Declines the offer, so that the image stays where it is; for the recipient.
   * @throws NotFoundError when there is no such offer to this account, or it has ended; UnknownOutcomeError when the response
   *   was lost
   */
  async decline(options: CallOptions = {}): Promise<void> {
    await this.end('decline', options);
  }

  private async end(verb: string, options: CallOptions, more: object = {}): Promise<void> {
    const call = checkCallOptions(options);
    if (this.accepted) throw new TypeError(`${verb}: the offer was accepted at once, so that it has ended`);
    await this.#api.send(`${this.image.url}/account_transfer/${verb}`, {
      ...call,
      method: 'POST',
      body: { transfer_id: this.id, ...more },
      read: () => undefined,
    });
  }
}

/** Offers a snapshot to another account. */
export async function offerImage(
  api: Requester,
  image: Resources['image'],
  recipient: unknown,
  options: CallOptions,
): Promise<ImageOffer> {
  const { email, uuid } = validateOptions(recipient, RECIPIENT, 'recipient');
  if ((email === undefined) === (uuid === undefined)) {
    throw new TypeError(
      `recipient: expected either email or uuid, got ${email === undefined ? 'neither' : 'both'}`,
    );
  }
  const call = checkCallOptions(options);
  checkOfferable(image);
  return api.send(`${image.url}/account_transfer`, {
    ...call,
    method: 'POST',
    body: { recipient_email: email, recipient_uuid: uuid },
    read: (body) => new ImageOffer(api, image, transferIdOf(body)),
  });
}

/** @throws TypeError when the image is known to be none that can be offered */
function checkOfferable({ id, name, type, public: isPublic }: Offerable): void {
  if (!isPublic && (type === null || type === 'snapshot')) return;
  const kind = isPublic ? 'public' : `of type ${excerpt(type ?? '')}`;
  const hint = type === 'backup' && !isPublic ? '; convert() makes one of a backup' : '';
  throw new TypeError(
    `offerTo: image ${id} (${excerpt(name)}) is ${kind}, and only snapshots of the account can be offered${hint}`,
  );
}

function transferIdOf(body: unknown): number {
  const id = (body as { transfer_id?: unknown } | null)?.transfer_id;
  if (Number.isSafeInteger(id) && (id as number) >= 0) return id as number;
  throw new Mismatch('transfer_id', 'an id, or 0', id);
}
