/// A chain of registers: what goes in comes out `depth` cycles later. Depth 0 is a wire.
struct DelayLine<Element> {
  private var slots: [Element]
  private var head = 0

  init(depth: Int, holding initial: Element) {
    slots = Array(repeating: initial, count: depth)
  }

  /// One clock edge: takes in `input`, returns what was taken in `depth` cycles ago.
  mutating func shift(_ input: Element) -> Element {
    if slots.isEmpty { return input }
    let output = slots[head]
    slots[head] = input
    head = head + 1 == slots.count ? 0 : head + 1
    return output
  }
}

extension DelayLine: Sendable where Element: Sendable {}
