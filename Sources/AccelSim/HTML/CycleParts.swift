/// What cycles went to, as parts that add up to all of them.
struct CycleParts: Sendable {
  /// Cycles of each use, in the order of `CycleUse`.
  private(set) var counts = [Int](repeating: 0, count: CycleUse.allCases.count)

  /// - Parameters:
  ///   - uses: Cycles by the name of the use.
  ///   - cycles: Of all uses together; what `uses` leaves open counts as `nothing`.
  init(_ uses: [String: Int], cycles: Int) {
    for use in CycleUse.allCases { counts[use.rawValue] = uses[use.name, default: 0] }
    let open = cycles - counts.reduce(0, +)
    counts[CycleUse.nothing.rawValue] += max(0, open)
  }

  init(_ row: NetworkReport.Row) { self.init(row.cycleUses, cycles: row.cycles) }

  var total: Int { counts.reduce(0, +) }

  subscript(use: CycleUse) -> Int { counts[use.rawValue] }

  subscript(family: Palette.Family) -> Int {
    CycleUse.allCases.reduce(0) { $0 + (Palette.family($1) == family ? self[$1] : 0) }
  }

  mutating func add(_ other: CycleParts) {
    for index in counts.indices { counts[index] += other.counts[index] }
  }

  /// Uses with cycles, the largest first.
  var largestFirst: [(use: CycleUse, cycles: Int)] {
    CycleUse.allCases.map { ($0, self[$0]) }.filter { $0.1 > 0 }
      .sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
  }

  /// Parts of a bar, in the order of `CycleUse`.
  var bar: [BarChart.Part] {
    CycleUse.allCases.filter { self[$0] > 0 }.map {
      BarChart.Part(name: $0.name, fill: Palette.fill($0), value: self[$0])
    }
  }
}

extension NetworkReport {
  /// What all cycles went to.
  var cycleParts: CycleParts {
    let sum = operators.reduce(into: CycleParts([:], cycles: 0)) { $0.add(CycleParts($1)) }
    // Cycles of no operator: commands before the first and behind the last.
    var all = CycleParts([:], cycles: cycles - sum.total)
    all.add(sum)
    return all
  }
}
