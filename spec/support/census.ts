import ts from 'typescript';
import { visit } from './modules';

/** Finds the public methods and getters of a class that the specs use, by types: `page.url` is not `image.url`. */
export class Census {
  /** The declarations of all properties that are accessed or destructured. */
  readonly #named = new Set<ts.Node>();
  /** The properties of types that the specs declare, since shared behaviour is not written for one class. */
  readonly #shared: { name: string; of: ts.Type }[] = [];
  readonly #checker: ts.TypeChecker;

  constructor(checker: ts.TypeChecker, specs: readonly ts.SourceFile[]) {
    this.#checker = checker;
    const own = new Set(specs);
    for (const file of specs) {
      visit(file, (node) => {
        for (const [object, name] of namesIn(node)) {
          const of = checker.getTypeAtLocation(object);
          for (const declaration of of.getProperty(name)?.declarations ?? []) {
            if (own.has(declaration.getSourceFile())) this.#shared.push({ name, of });
            else this.#named.add(declaration);
          }
        }
      });
    }
  }

  /** The names of a class's public methods and getters, including inherited ones. */
  membersOf(type: ts.Type): string[] {
    return this.#members(type).map(({ name }) => name);
  }

  /** Those that no spec uses. */
  missing(type: ts.Type): string[] {
    const isNamed = ({ name, declarations = [] }: ts.Symbol): boolean =>
      declarations.some((declaration) => this.#named.has(declaration)) ||
      this.#shared.some((one) => one.name === name && this.#checker.isTypeAssignableTo(type, one.of));
    return this.#members(type)
      .filter((member) => !isNamed(member))
      .map(({ name }) => name);
  }

  #members(type: ts.Type): ts.Symbol[] {
    return type.getProperties().filter((member) => {
      const declaration = member.declarations?.find(
        (one) => ts.isMethodDeclaration(one) || ts.isGetAccessor(one),
      );
      // `[Symbol.asyncIterator]` is used implicitly.
      if (!declaration || !ts.isIdentifier(declaration.name)) return false;
      const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
      if (ts.getCombinedModifierFlags(declaration) & hidden) return false;
      return !member.getJsDocTags(this.#checker).some((tag) => tag.name === 'internal');
    });
  }
}

/** `object.name` and `{ name } = object`. */
function namesIn(node: ts.Node): [object: ts.Node, name: string][] {
  if (ts.isPropertyAccessExpression(node)) return [[node.expression, node.name.text]];
  if (!ts.isObjectBindingPattern(node)) return [];
  return node.elements.flatMap(({ propertyName, name }): [ts.Node, string][] => {
    const from = propertyName ?? name;
    return ts.isIdentifier(from) ? [[node, from.text]] : [];
  });
}
