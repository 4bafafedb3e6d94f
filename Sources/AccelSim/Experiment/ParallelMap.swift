/// Independent work on several threads: many runs of the simulator at once. Each run is a value of its
/// own, so nothing is shared.
package enum ParallelMap {
  /// Does `work` with every item, at most `jobs` at a time, begun in the order of the items.
  ///
  /// Work that should end early, after Ctrl-C for example, asks for it itself and returns what it has.
  ///
  /// - Parameters:
  ///   - jobs: At least 1; what is below counts as 1. Tasks share the threads of Swift's pool, one a
  ///     core, so more jobs than cores gain nothing.
  ///   - finished: Given an item's index and result as soon as it is there: one call at a time, in the
  ///     order in which items finish, on the side of the caller. If it throws, nothing further begins,
  ///     `Task.isCancelled` is true in the work at hand, and the error goes on when that has returned.
  ///   - work: Called for each item once, on any thread.
  /// - Throws: What `finished` throws.
  package nonisolated(nonsending) static func run<Item: Sendable, Result: Sendable>(
    _ items: [Item], jobs: Int, finished: (_ index: Int, _ result: Result) throws -> Void,
    work: @escaping @Sendable (Item) -> Result
  ) async rethrows {
    try await withThrowingTaskGroup(of: (Int, Result).self) { group in
      var next = 0
      func begin() {
        guard next < items.count else { return }
        let (index, item) = (next, items[next])
        next += 1
        group.addTask { (index, work(item)) }
      }
      for _ in 0..<min(max(1, jobs), items.count) { begin() }
      while let (index, result) = try await group.next() {
        try finished(index, result)
        begin()
      }
    }
  }
}
