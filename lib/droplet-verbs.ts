import type { Action } from './action';
import { Actionable, type ActOptions } from './actionable';
import {
  checkDropletName,
  type ImageLike,
  imageIdOf,
  imageReferenceOf,
  RESIZE_OPTIONS,
  type ResizeOptions,
  sizeSlugOf,
} from './droplet-params';
import type { Image } from './image';
import { validateOptions } from './util/options/validate-options';
import { checkText } from './util/validate';

/**
 * The actions of a Droplet. Each is refused while another one runs.
 * @see https://docs.digitalocean.com/reference/api/digitalocean/#tag/Droplet-Actions
 */
export abstract class DropletVerbs<Self extends DropletVerbs<Self>> extends Actionable<Self> {
  abstract readonly name: string;

  /** Turns the Droplet on. @throws UnprocessableError when it is on already; also every error of `act` */
  async powerOn(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'power_on' }, options);
  }

  /** Turns the Droplet off at once, as if its plug was pulled. @throws UnprocessableError when it is off already */
  async powerOff(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'power_off' }, options);
  }

  /** Asks the operating system to shut down. The action may complete although the Droplet stays on. */
  async shutdown(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'shutdown' }, options);
  }

  /** Asks the operating system to restart. */
  async reboot(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'reboot' }, options);
  }

  /** Turns the Droplet off and on again. */
  async powerCycle(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'power_cycle' }, options);
  }

  /** Starts backups, which cost a share of the Droplet's price. */
  async enableBackups(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'enable_backups' }, options);
  }

  /** Ends backups, and deletes those that exist. */
  async disableBackups(options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'disable_backups' }, options);
  }

  /**
   * Changes the name of the Droplet, not that of its host.
   * @param name letters, digits, `.` and `-`
   */
  async rename(name: string, options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'rename', name: checkDropletName('name', name) }, options);
  }

  /**
   * Changes the size of the Droplet, which must be off.
   * @param size the slug of a size, such as `s-2vcpu-4gb`
   */
  async resize(size: string, options: ResizeOptions = {}): Promise<Action> {
    const { disk, ...act } = validateOptions(options, RESIZE_OPTIONS);
    return this.act({ type: 'resize', size: sizeSlugOf('size', size), disk }, act);
  }

  /**
   * Wipes the disk and installs an image. The addresses stay.
   * @param image an id, a slug, or an Image; a backup must be converted first
   */
  async rebuild(image: ImageLike, options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'rebuild', image: imageReferenceOf('image', image) }, options);
  }

  /** Puts a backup back. @param image the id of a backup of this Droplet, or an Image */
  async restore(image: number | Image, options: ActOptions = {}): Promise<Action> {
    return this.act({ type: 'restore', image: imageIdOf('image', image) }, options);
  }

  /**
   * Starts a snapshot. The action does not name the image that it makes: `takeSnapshot()` finds it.
   * @param name of the image; default: the Droplet's name and the time
   */
  async snapshot(name?: string, options: ActOptions = {}): Promise<Action> {
    return this.act(
      { type: 'snapshot', name: name === undefined ? this.newSnapshotName : checkText('name', name) },
      options,
    );
  }

  protected get newSnapshotName(): string {
    return `${this.name === '' ? this.id : this.name}-${this.api.clock.date()}`;
  }
}
