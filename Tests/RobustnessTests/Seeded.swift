/// A generator with a seed (SplitMix64): a case of a campaign is its seed, and can be repeated.
struct Seeded: RandomNumberGenerator {
  private var state: UInt64

  /// The generator of case `index` of the campaign with this seed. Neighbours have nothing in common.
  init(_ seed: UInt64, case index: Int = 0) {
    state = seed
    state = next() ^ UInt64(truncatingIfNeeded: index) &* 0xD134_2543_DE82_EF95
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var bits = state
    bits = (bits ^ bits >> 30) &* 0xBF58_476D_1CE4_E5B9
    bits = (bits ^ bits >> 27) &* 0x94D0_49BB_1331_11EB
    return bits ^ bits >> 31
  }

  /// A number below `bound`, which is at least 1.
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  /// A number of `range`.
  mutating func number(_ range: ClosedRange<Int>) -> Int {
    range.lowerBound + below(range.count)
  }

  /// Whether an event comes that is expected once in `count` cases.
  mutating func oneIn(_ count: Int) -> Bool { below(count) == 0 }

  /// An element of `choices`, which has some.
  mutating func pick<T>(_ choices: [T]) -> T { choices[below(choices.count)] }
}
