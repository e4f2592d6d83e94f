import ts from 'typescript';
import { visit } from './modules';

/** Which public methods and getters of a class the specs name, told by types: `page.url` is not `image.url`. */
export class Census {
  /** The declarations of everything that is named after a dot or taken out of an object. */
  readonly #named = new Set<ts.Node>();
  /** What is named on a type of the specs' own: shared behaviour speaks of no class but of what several have. */
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

  /** The names of a class's methods and getters, inherited ones too, without those that are not for users. */
  membersOf(type: ts.Type): string[] {
    return this.#members(type).map(({ name }) => name);
  }

  /** Those that no spec names. */
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
      // `[Symbol.asyncIterator]` is used without being named.
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
