/// Finds the name that somebody probably meant.
package enum Suggestion {
  /// The candidate nearest to `name`, or `nil` if none is near.
  ///
  /// Letter case, `_` and `-` count for nothing; otherwise up to a third of the letters may be
  /// inserted, deleted, replaced or swapped with their neighbour.
  package static func nearest(to name: String, among candidates: [String]) -> String? {
    guard name.utf8.count <= 64 else { return nil }
    let wanted = folded(name)
    guard !wanted.isEmpty else { return nil }
    var best: (candidate: String, distance: Int)?
    for candidate in candidates {
      let other = folded(candidate)
      let distance = editDistance(wanted, other)
      let isNear = distance <= max(1, min(wanted.count, other.count) / 3)
      if isNear, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.candidate
  }

  private static func folded(_ name: String) -> [UInt8] {
    name.lowercased().utf8.filter { $0 != UInt8(ascii: "_") && $0 != UInt8(ascii: "-") }
  }

  /// Insertions, deletions, replacements and swaps of neighbours that turn one into the other.
  static func editDistance(_ left: [UInt8], _ right: [UInt8]) -> Int {
    var older = [Int](repeating: 0, count: right.count + 1)
    var previous = Array(0...right.count)
    for i in left.indices {
      var current = [Int](repeating: i + 1, count: right.count + 1)
      for j in right.indices {
        let replaced = previous[j] + (left[i] == right[j] ? 0 : 1)
        current[j + 1] = min(replaced, previous[j + 1] + 1, current[j] + 1)
        if i > 0, j > 0, left[i] == right[j - 1], left[i - 1] == right[j] {
          current[j + 1] = min(current[j + 1], older[j - 1] + 1)
        }
      }
      older = previous
      previous = current
    }
    return previous[right.count]
  }
}
