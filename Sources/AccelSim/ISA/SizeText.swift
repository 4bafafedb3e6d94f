/// Sizes as people write them.
package enum SizeText {
  /// `128x768x768`: three sizes of at least 1; `nil` for anything else.
  package static func triple(_ text: some StringProtocol) -> (Int, Int, Int)? {
    let parts = text.split(separator: "x", omittingEmptySubsequences: false)
    let numbers = parts.compactMap { part in
      part.allSatisfy { $0.isASCII && $0.isNumber } ? Int(part) : nil
    }
    guard parts.count == 3, numbers.count == 3, numbers.allSatisfy({ $0 > 0 }) else { return nil }
    return (numbers[0], numbers[1], numbers[2])
  }
}
