import type { PacketSet, SetElement } from '../../model/ruleset/sets.ts';

/** A set that parses its elements on first use. Never spread it, like a lazy chain: a spread loses `elements`. */
export class LazySet implements PacketSet {
  readonly name: PacketSet['name'];
  readonly type: PacketSet['type'];
  readonly family: PacketSet['family'];
  readonly table: PacketSet['table'];
  readonly size: PacketSet['size'];
  readonly tested: PacketSet['tested'];
  readonly #read: () => readonly SetElement[] | null;
  #elements: readonly SetElement[] | null | undefined;

  constructor(head: Omit<PacketSet, 'elements'>, read: () => readonly SetElement[] | null) {
    this.name = head.name;
    this.type = head.type;
    this.family = head.family;
    this.table = head.table;
    this.size = head.size;
    this.tested = head.tested;
    this.#read = read;
  }

  get elements(): readonly SetElement[] | null {
    if (this.#elements === undefined) this.#elements = this.#read();
    return this.#elements;
  }

  toJSON(): PacketSet {
    const { name, type, family, table, elements, size, tested } = this;
    return { name, type, family, table, elements, size, tested };
  }
}
