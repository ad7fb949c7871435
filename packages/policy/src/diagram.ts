/**
 * Decision diagrams: a function from facts to an outcome as a graph that asks each fact at most once.
 *
 * Nodes are shared and reduced: a fact that cannot matter any more is not asked. The same graph runs
 * decisions, answers what is pending and why, and can be searched exhaustively by later proofs.
 */

/** A node is 0 or more; an outcome `o` is the negative number `~o`. */
export type NodeId = number

/** The builder gave up because the graph grew past its limit. */
export class TooLarge extends Error {
  readonly _tag = "TooLarge"
}

export interface Diagrams {
  /** The node that asks a variable; the child itself when all children are equal. */
  node(variable: number, children: readonly NodeId[]): NodeId
  variableOf(node: NodeId): number
  childrenOf(node: NodeId): readonly NodeId[]
  /** The same graph with other outcomes. */
  mapOutcomes(root: NodeId, to: (outcome: number) => number): NodeId
  /** One graph whose outcome is `join` of the outcomes of several. */
  product(roots: readonly NodeId[], join: (outcomes: readonly number[]) => number, limit: number): NodeId
  /**
   * The graph as numbers: for each node what `head` says about its variable, then its children as places in the
   * list; outcomes stay negative. `head` has one length for all variables.
   */
  flatten(
    root: NodeId,
    head: (variable: number) => readonly number[],
  ): { readonly code: Int32Array; readonly root: number }
}

/** An empty store of nodes. @throws TooLarge when more than `mostNodes` nodes are made. */
export const createDiagrams = (mostNodes: number): Diagrams => {
  const variables: number[] = []
  const children: (readonly NodeId[])[] = []
  const unique = new Map<string, NodeId>()
  const variableOf = (node: NodeId) => variables[node] ?? -1
  const childrenOf = (node: NodeId) => children[node] ?? []

  const node = (variable: number, kids: readonly NodeId[]): NodeId => {
    const first = kids[0] ?? -1
    if (kids.every((kid) => kid === first)) return first
    const key = `${variable}:${kids.join()}`
    const known = unique.get(key)
    if (known !== undefined) return known
    if (variables.length >= mostNodes) throw new TooLarge()
    const id = variables.length
    variables.push(variable)
    children.push(kids)
    unique.set(key, id)
    return id
  }

  const mapOutcomes = (root: NodeId, to: (outcome: number) => number): NodeId => {
    const done = new Map<NodeId, NodeId>()
    const visit = (at: NodeId): NodeId => {
      if (at < 0) return ~to(~at)
      const known = done.get(at)
      if (known !== undefined) return known
      const made = node(variableOf(at), childrenOf(at).map(visit))
      done.set(at, made)
      return made
    }
    return visit(root)
  }

  const product: Diagrams["product"] = (roots, join, limit) => {
    const done = new Map<string, NodeId>()
    const visit = (at: readonly NodeId[]): NodeId => {
      const top = topVariable(at, variableOf)
      if (top < 0) return ~join(at.map((outcome) => ~outcome))
      const key = at.join()
      const known = done.get(key)
      if (known !== undefined) return known
      if (done.size >= limit) throw new TooLarge()
      const width = Math.max(...at.map((part) => (variableOf(part) === top ? childrenOf(part).length : 0)))
      const kids: NodeId[] = []
      for (let child = 0; child < width; child++)
        kids.push(
          visit(at.map((part) => (variableOf(part) === top ? (childrenOf(part)[child] ?? -1) : part))),
        )
      const made = node(top, kids)
      done.set(key, made)
      return made
    }
    return visit(roots)
  }

  const flatten: Diagrams["flatten"] = (root, head) => {
    const offsets = new Map<NodeId, number>()
    const order: NodeId[] = []
    let size = 0
    const visit = (at: NodeId) => {
      if (at < 0 || offsets.has(at)) return
      offsets.set(at, size)
      order.push(at)
      size += head(variableOf(at)).length + childrenOf(at).length
      for (const child of childrenOf(at)) visit(child)
    }
    visit(root)
    const code = new Int32Array(size)
    let next = 0
    for (const at of order) {
      for (const number of head(variableOf(at))) code[next++] = number
      for (const child of childrenOf(at)) code[next++] = child < 0 ? child : (offsets.get(child) ?? 0)
    }
    return { code, root: root < 0 ? root : 0 }
  }

  return { node, variableOf, childrenOf, mapOutcomes, product, flatten }
}

/** The first variable that any of the nodes asks, or -1 when all are outcomes. */
export const topVariable = (nodes: readonly NodeId[], variableOf: (node: NodeId) => number): number => {
  let top = -1
  for (const at of nodes) {
    if (at < 0) continue
    const variable = variableOf(at)
    if (top < 0 || variable < top) top = variable
  }
  return top
}
