/** Code to run as a whole. A command may return it. */
export class Program {
  constructor(readonly code: string) {}
}
