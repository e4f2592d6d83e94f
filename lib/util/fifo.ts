interface FifoNode<T> {
  readonly value: T;
  previous: FifoNode<T> | null;
  next: FifoNode<T> | null;
}

/**
 * A queue from which any item can be removed at once, wherever it stands: a doubly linked list. It keeps nothing of an
 * item that has left.
 */
export class Fifo<T> {
  #size = 0;
  #first: FifoNode<T> | null = null;
  #last: FifoNode<T> | null = null;

  get size(): number {
    return this.#size;
  }

  /** The item that was added first. */
  get first(): T | undefined {
    return this.#first?.value;
  }

  /** @returns a function that removes the item; it has no effect once the item has left */
  add(value: T): () => void {
    const node: FifoNode<T> = { value, previous: this.#last, next: null };
    if (this.#last) this.#last.next = node;
    else this.#first = node;
    this.#last = node;
    this.#size += 1;
    return () => this.#remove(node);
  }

  /** Removes the first item and returns it. */
  shift(): T | undefined {
    const node = this.#first;
    if (node) this.#remove(node);
    return node?.value;
  }

  #remove(node: FifoNode<T>): void {
    const { previous, next } = node;
    // A node without neighbours that is not the first has left already.
    if (!previous && this.#first !== node) return;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    node.previous = node.next = null;
    this.#size -= 1;
  }
}
