import AccelSim

// A layer of BERT-Base with two accumulators. Memory answers after 100 cycles, 8 bytes a cycle.
let network = try WorkloadRequest("bert-base:layers=1,sequence=512").steps()
let base = "gemmini-ibert:memory.latency=100,memory.bytesPer10Cycles=80"
for capacity in [64, 256] {
  let config = try ConfigRequest("\(base),accumulator.capacityKiB=\(capacity)").load()
  let report = try NetworkRun.report(network, on: Machine(config))
  print("\(capacity) KiB: \(report.cycles) cycles, \(Int(100 * report.utilisation)) % of the array")
}
