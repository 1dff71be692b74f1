'use strict';
// tslab keeps what a cell declares in `exports`, and rewrites such names in later cells to `exports.name`. It does so
// wrongly in two forms, which are put right before it sees them.

/** Adds the correction to everything the compiler emits. */
function correctEarlierNames(ts, host) {
  const tell = host.afterProgramCreate;
  host.afterProgramCreate = (builder) => {
    const emit = (file, write, token, onlyDeclarations, transformers) =>
      builder.emit(file, write, token, onlyDeclarations, { ...transformers, before: [correct(ts, builder.getProgram().getTypeChecker())] });
    tell(Object.assign(Object.create(builder), { emit }));
  };
  return host;
}

function correct(ts, checker) {
  const { factory } = ts;
  const isOfEarlierCell = (node) =>
    checker.getShorthandAssignmentValueSymbol(node)?.declarations?.some((declaration) => declaration.getSourceFile().fileName.endsWith('/__prev__.d.ts'));
  /** A name of its own, which tslab does not take for a variable. */
  const propertyName = (name) => (name !== undefined && ts.isIdentifier(name) ? factory.createIdentifier(name.text) : name);

  return (context) => {
    const visit = (node) => {
      if (ts.isShorthandPropertyAssignment(node) && isOfEarlierCell(node)) return writeOut(node);
      const visited = ts.visitEachChild(node, visit, context);
      // `{ price: p }` with `price` a property whose type an earlier cell declared: not a variable, left as it is.
      if (ts.isPropertyAssignment(visited)) return factory.updatePropertyAssignment(visited, propertyName(visited.name), visited.initializer);
      if (ts.isBindingElement(visited)) {
        return factory.updateBindingElement(visited, visited.dotDotDotToken, propertyName(visited.propertyName), visited.name, visited.initializer);
      }
      return visited;
    };

    /** `{ price }` with `price` of an earlier cell: `{ price: exports.price }`. `({ price = 1 } = quote)` has a default. */
    function writeOut(node) {
      const value = factory.createPropertyAccessExpression(factory.createIdentifier('exports'), node.name.text);
      const fallback = node.objectAssignmentInitializer && ts.visitNode(node.objectAssignmentInitializer, visit);
      return factory.createPropertyAssignment(node.name.text, fallback ? factory.createAssignment(value, fallback) : value);
    }
    return (file) => ts.visitNode(file, visit);
  };
}

module.exports = { correctEarlierNames };
