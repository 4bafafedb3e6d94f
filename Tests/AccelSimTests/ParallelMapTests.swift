import Synchronization
import Testing

@testable import AccelSim

@Suite struct ParallelMapTests {
  @Test(arguments: [0, 1, 2, 5, 100])
  func everyItemOnceAndNeverTooManyAtOnce(jobs: Int) async {
    let running = Mutex((now: 0, most: 0))
    var results = [Int?](repeating: nil, count: 23)
    await ParallelMap.run(Array(0..<23), jobs: jobs) { index, result in
      #expect(results[index] == nil)
      results[index] = result
    } work: { item in
      running.withLock { $0 = ($0.now + 1, max($0.most, $0.now + 1)) }
      defer { running.withLock { $0.now -= 1 } }
      return (0...item * 1000).reduce(0, +) % 97 + item * 100
    }
    #expect(results == (0..<23).map { (0...$0 * 1000).reduce(0, +) % 97 + $0 * 100 })
    #expect(running.withLock { $0.most } <= max(1, jobs))
  }

  @Test func nothingBeginsAfterAnError() async {
    struct Stop: Error {}
    let begun = Atomic(0)
    await #expect(throws: Stop.self) {
      try await ParallelMap.run(Array(0..<50), jobs: 2) { _, _ in
        throw Stop()
      } work: { _ in
        begun.add(1, ordering: .relaxed)
      }
    }
    #expect(begun.load(ordering: .relaxed) <= 2)
    await ParallelMap.run([Int](), jobs: 3) { _, _ in
      Issue.record("of nothing")
    } work: {
      $0
    }
  }
}
