import AccelSim
import Testing

/// A random machine: one of five kinds with another memory, host and, where they fit together, sizes.
enum RandomMachine {
  private static let names = [
    "rtl-default", "rtl-lean", "gemmini-default", "gemmini-fp", "gemmini-ibert",
  ]

  static func machine(_ random: inout Seeded) throws -> Machine {
    var config = try #require(HardwareConfig.preset(random.pick(names)))
    config.memory.latency = random.pick([1, 7, 20, 150])
    config.memory.bytesPer10Cycles = random.pick([0, 0, 37, 80, 160])
    config.memory.maxOutstanding = random.pick([0, 0, 1, 5, 16])
    config.host.issueInterval = random.pick([1, 1, 5, 13])
    config.host.fenceCycles = random.pick([0, 0, 30])
    if random.oneIn(8) { config.l2.capacityKiB = 64 }
    let usual = config
    config.array.meshRows = random.pick([4, 8, 16])
    config.array.meshColumns = config.array.meshRows
    config.scratchpad.capacityKiB = random.pick([16, 64, 256])
    config.accumulator.capacityKiB = random.pick([8, 16, 64])
    config.dma.maxBytes = random.pick([16, 64])
    config.dma.maxInFlight = random.pick([4, 16, 64])
    let lanes = config.array.meshColumns
    config.moveIn.scaleUnits = random.pick([4, 4, 0, 1, 2, lanes + 1, 3 * lanes])
    config.moveIn.scaleLatency = random.pick([4, 4, 1, 9])
    // Not every size goes with every other.
    if let machine = try? Machine(config) { return machine }
    return try Machine(usual)
  }
}
