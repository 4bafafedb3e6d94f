import SystolicCore
import Testing

/// Queues and pipelines against the facts' vocabulary: what is allowed in a cycle, and what is not.
@Suite struct ClockingTests {
  @Test func aFullPlainQueueTakesNothingInTheCycleThatEmptiesIt() {
    var queue = Queue<Int>(depth: 2)
    #expect(queue.canSend(0))
    queue.send(1)
    queue.send(2)
    #expect(!queue.canSend(0))
    expectEqual(queue.receive(1), 1)
    #expect(!queue.canSend(1))
    #expect(queue.received(1))
    #expect(queue.canSend(2))
    #expect(!queue.received(2))
    queue.send(3)
    expectEqual(queue.receive(3), 2)
    expectEqual(queue.receive(3), 3)
    // Two left in cycle 3, so it still counts as full in it.
    #expect(!queue.canSend(3))
    #expect(queue.canSend(4))
  }

  @Test func aPipeQueueTakesOneInTheCycleThatEmptiesIt() {
    var queue = Queue<Int>(depth: 1, kind: .pipe)
    queue.send(1)
    #expect(!queue.canSend(1))
    expectEqual(queue.receive(1), 1)
    #expect(queue.canSend(1))
  }

  /// Order and room against an array, for both kinds.
  @Test(arguments: [Queue<Int>.Kind.plain, .pipe])
  func queuesKeepOrderWhateverTheTraffic(_ kind: Queue<Int>.Kind) {
    var random = SystemRandomNumberGenerator()
    for depth in 1...5 {
      var queue = Queue<Int>(depth: depth, kind: kind)
      var model: [Int] = []
      for cycle in 0..<500 {
        let before = model.count
        for _ in 0..<Int.random(in: 0...2, using: &random) where !model.isEmpty {
          #expect(queue.first == model[0])
          #expect(queue[model.count - 1] == model[model.count - 1])
          expectEqual(queue.receive(cycle), model.removeFirst())
        }
        let hasRoom = kind == .pipe ? model.count < depth : before < depth
        #expect(queue.canSend(cycle) == hasRoom)
        if hasRoom, Bool.random(using: &random) {
          queue.send(cycle)
          model.append(cycle)
        }
        #expect(queue.count == model.count)
        #expect(queue.isEmpty == model.isEmpty)
      }
    }
  }

  /// Facts 8.6: accepted at t, at the output at t + latency.
  @Test(arguments: [1, 4, 8])
  func anElasticPipelineTakesItsLatency(_ latency: Int) {
    var pipeline = ElasticPipeline<Int>(depth: latency)
    for cycle in 0...latency {
      #expect((pipeline.output != nil) == (cycle == latency))
      pipeline.take()
      _ = pipeline.advance()
      if cycle == 0 { pipeline.push(7) }
    }
    #expect(pipeline.count == 0)
  }

  @Test func aStalledElasticPipelineClosesItsBubbles() {
    var pipeline = ElasticPipeline<Int>(depth: 4)
    var taken = 0
    for cycle in 0..<12 {
      _ = pipeline.advance()
      if cycle % 2 == 0, pipeline.canPush {
        pipeline.push(cycle)
        taken += 1
      }
    }
    #expect(taken == 4)
    #expect(!pipeline.canPush)
    #expect(pipeline.output == 0)
    // One out, one in, in the same cycle.
    pipeline.take()
    expectEqual(pipeline.advance(), true)
    #expect(pipeline.canPush)
    #expect(pipeline.output == 2)
  }
}
