import type { Paint } from './style';

/** Whether a session sends nothing but GET and HEAD. The prompt says so. */
export class ReadOnlyMode {
  /**
   * @param isOn can be changed at any time
   * @param isReal whether the session uses DigitalOcean, not a sandbox
   */
  constructor(
    public isOn: boolean,
    private readonly isReal: boolean,
    private readonly paint: Paint,
  ) {}

  /** `digitalocean read-only> `. */
  get prompt(): string {
    const name = this.isReal ? 'digitalocean' : 'sandbox';
    // Green: nothing can be changed that is real.
    return this.paint(
      this.isReal && !this.isOn ? 'yellow' : 'green',
      `${name}${this.isOn ? ' read-only' : ''}> `,
    );
  }
}
