import AccelSim
import Testing

/// The survey's tables of operations, bytes and intensities (paper.md 1.3 and 1.4).
@Suite struct WorkloadAnalysisTests {
  private func analyse(
    _ name: String, _ values: [String: Int] = [:], traffic: WorkloadTraffic = .ideal
  ) throws -> WorkloadAnalysis {
    WorkloadAnalysis(
      try #require(WorkloadModel.named(name)).workload(values), traffic: traffic)
  }

  /// Whether `value` is `printed` up to a share of it.
  private func isNear(_ value: Double, _ printed: Double, within share: Double) -> Bool {
    abs(value - printed) <= share * printed
  }

  /// Intensities of projections, act-to-act and FFN; GFLOPs and intensity of Other; GFLOPs and
  /// intensity in all. Tab. 3 (12 heads) and Tab. 10 (4 heads).
  static let encoders: [(Int, Int, [Double], [Double], [Double])] = [
    (128, 12, [192.00, 63.62, 211.86], [0.08, 3.14], [22.42, 159.68]),
    (512, 12, [438.86, 101.95, 558.54], [0.42, 2.73], [97.02, 231.0]),
    (4096, 12, [702.17, 123.63, 1068.52], [11.85, 2.16], [1323.66, 117.96]),
    (128, 4, [192.00, 95.69, 211.86], [0.07, 3.30], [22.42, 167.14]),
    (512, 4, [438.86, 219.04, 558.54], [0.32, 3.07], [96.94, 303.59]),
    (4096, 4, [702.17, 350.61, 1068.52], [5.41, 2.40], [1318.83, 276.00]),
  ]

  @Test(arguments: encoders)
  func tables3And10(
    _ sequence: Int, _ heads: Int, _ intensities: [Double], _ other: [Double], _ total: [Double]
  ) throws {
    let analysis = try analyse("bert-base", ["sequence": sequence, "heads": heads])
    let groups: [WorkloadGroup] = [.projections, .attention, .feedForward]
    for (group, printed) in zip(groups, intensities) {
      let intensity = analysis[group].intensity
      #expect(isNear(intensity, printed, within: 0.001), "\(group): \(intensity), \(printed)")
    }
    let flops = Double(analysis[.other].flops) / 1e9
    #expect(abs(flops - other[0]) <= max(0.02 * other[0], 0.005), "other: \(flops)")
    let intensity = analysis[.other].intensity
    #expect(isNear(intensity, other[1], within: 0.02), "other: \(intensity)")
    #expect(isNear(Double(analysis.total.flops) / 1e9, total[0], within: 0.001))
    let whole = analysis.total.intensity
    #expect(isNear(whole, total[1], within: 0.02), "total: \(whole)")
  }

  /// GFLOPs of Tab. 3, to the printed digit.
  @Test func operationsOfTable3() throws {
    let printed: [(Int, [Double])] = [
      (128, [7.25, 0.60, 14.50]), (512, [28.99, 9.62, 57.98]), (4096, [231.93, 616.02, 463.86]),
    ]
    for (sequence, values) in printed {
      let analysis = try analyse("bert-base", ["sequence": sequence])
      for (group, value) in zip([WorkloadGroup.projections, .attention, .feedForward], values) {
        let flops = Double(analysis[group].flops) / 1e9
        #expect(abs(flops - value) <= 0.0051, "\(group): \(flops)")
      }
    }
  }

  /// Fig. 4 to 6: BERT-Base within 1 %, BERT-Large without the projection that the survey forgot.
  @Test func figures4To6() throws {
    let lengths = [128, 256, 512, 1024, 2048, 4096]
    let base = [22.0, 46, 97, 214, 505, 1324]
    let intensities = [160.0, 215, 231, 202, 156, 117]
    let large = [73.0, 149, 310, 673, 1554, 3942]
    let (baseBytes, largeBytes) = (
      [0.1, 0.2, 0.4, 1.1, 3.2, 11.2], [0.4, 0.6, 1.2, 2.9, 8.7, 29.9]
    )
    for (index, sequence) in lengths.enumerated() {
      let analysis = try analyse("bert-base", ["sequence": sequence])
      let flops = Double(analysis.total.flops) / 1e9
      #expect(abs(flops - base[index]) <= max(0.01 * base[index], 0.5), "\(sequence): \(flops)")
      let intensity = analysis.total.intensity
      #expect(isNear(intensity, intensities[index], within: 0.02), "\(sequence): \(intensity)")
      let larger = try analyse("bert-large", ["sequence": sequence])
      let counted = Double(larger.total.flops - larger["out"].flops) / 1e9
      #expect(
        abs(counted - large[index]) <= max(0.01 * large[index], 0.5), "\(sequence): \(counted)")
      for (total, printed) in [
        (analysis.total, baseBytes[index]), (larger.total, largeBytes[index]),
      ] {
        let bytes = Double(total.bytes) / 1e9
        #expect(abs(bytes - printed) <= max(0.01 * printed, 0.0501), "\(sequence): \(bytes)")
      }
    }
    let other = try analyse("bert-base", ["sequence": 4096])
    let share = Double(other[.other].bytes) / Double(other.total.bytes)
    #expect(share > 0.45 && share < 0.53, "\(share)")
  }

  /// Tab. 11: a generation as the sum of its steps. One layer stands for twelve equal ones.
  @Test(arguments: [
    (128, [0.30, 0.16, 1.92], [0.07, 0.03], [22.12, 11.08]),
    (512, [4.83, 2.45, 2.00], [0.35, 0.14], [92.15, 46.17]),
    (4096, [309.24, 155.98, 1.98], [7.02, 3.25], [1012.04, 507.80]),
  ])
  func table11(_ tokens: Int, _ attention: [Double], _ other: [Double], _ total: [Double]) throws {
    let model = try #require(WorkloadModel.named("gpt2-generate"))
    let steps = try model.steps(["tokens": tokens, "layers": 1])
    // Every count is linear in the position, so that a step stands for its neighbours too.
    let width = tokens / 128
    var analysis = WorkloadAnalysis(name: model.name, parameters: steps.parameters)
    var sums: [WorkloadGroup: (flops: Double, bytes: Double)] = [:]
    for index in 0..<128 {
      for position in width == 1 ? [index] : [index * width, index * width + width - 1] {
        analysis = WorkloadAnalysis(try steps.workload(at: position))
        let weight = width == 1 ? 12.0 : 6 * Double(width)
        for group in [WorkloadGroup.projections, .attention, .feedForward, .other] {
          sums[group, default: (0, 0)].flops += weight * Double(analysis[group].flops) / 1e9
          sums[group, default: (0, 0)].bytes += weight * Double(analysis[group].bytes) / 1e9
        }
      }
    }
    func check(_ value: Double, _ printed: Double, _ what: String) {
      #expect(abs(value - printed) <= max(0.02 * printed, 0.0051), "\(what): \(value), \(printed)")
    }
    let projections = try #require(sums[.projections])
    check(projections.flops / projections.bytes, 2.00, "projections")
    let heads = try #require(sums[.attention])
    check(heads.flops, attention[0], "attention FLOPs")
    check(heads.bytes, attention[1], "attention bytes")
    // The printed intensity at 512 is not the ratio of the printed counts, which is 1.97.
    #expect(abs(heads.flops / heads.bytes - attention[2]) <= 0.1)
    let rest = try #require(sums[.other])
    check(rest.flops, other[0], "other FLOPs")
    check(rest.bytes, other[1], "other bytes")
    check(sums.values.reduce(0) { $0 + $1.flops }, total[0], "FLOPs")
    check(sums.values.reduce(0) { $0 + $1.bytes }, total[1], "bytes")
  }

  /// Tab. 12. The survey sums convolutions as if the first block of a stage were like the others,
  /// so a row is a convolution of this network times the number that it printed.
  @Test(arguments: [
    ("s2.1.a", 3, 0.31, 0.0031, 100.76), ("s2.1.b", 3, 0.69, 0.0013, 527.55),
    ("s2.1.c", 3, 0.31, 0.0031, 100.76), ("s3.1.a", 3, 0.31, 0.0017, 181.14),
    ("s3.1.b", 4, 0.92, 0.0014, 664.09), ("s3.1.c", 4, 0.41, 0.0023, 181.14),
    ("s4.1.a", 5, 0.51, 0.0026, 200.30), ("s4.1.b", 6, 1.39, 0.0041, 335.00),
    ("s4.1.c", 6, 0.62, 0.0031, 200.30), ("s5.1.a", 2, 0.21, 0.0023, 87.53),
    ("s5.1.b", 3, 0.69, 0.0072, 95.96), ("s5.1.c", 3, 0.31, 0.0035, 87.53),
  ])
  func table12(_ name: String, _ count: Int, _ flops: Double, _ bytes: Double, _ intensity: Double)
    throws
  {
    let row = try analyse("resnet50")[name]
    let found = (Double(count * row.flops) / 1e9, Double(count * row.bytes) / 1e9)
    #expect(abs(found.0 - flops) <= max(0.02 * flops, 0.0051), "\(found)")
    #expect(abs(found.1 - bytes) <= max(0.02 * bytes, 0.000051), "\(found)")
    #expect(isNear(row.intensity, intensity, within: 0.001), "\(row.intensity)")
  }

  /// Tab. 4: what folding normalisation and ReLU into the convolutions is worth.
  @Test func table4() throws {
    let (fused, unfused) = (
      try analyse("resnet50"), try analyse("resnet50", traffic: .unfused)
    )
    let convolutions = Double(fused[.convolution].flops) / 1e9
    #expect(convolutions >= 7.2 && convolutions <= 8.2)
    let gain = fused.total.intensity / unfused.total.intensity
    #expect(gain >= 1.6 && gain <= 2.0, "\(fused.total.intensity), \(unfused.total.intensity)")
  }

  /// Tab. 5: QKV, QxK, AxV, W_out, W_1, W_2 and the whole network.
  @Test(arguments: [
    (128, [170.670, 25.400, 63.750, 128.000, 130.723, 186.182, 106.110]),
    (512, [341.333, 29.882, 102.300, 204.800, 211.862, 409.6, 111.122]),
    (4096, [409.6, 30.788, 118.710, 227.556, 236.308, 512.000, 47.067]),
  ])
  func table5(_ sequence: Int, _ printed: [Double]) throws {
    let analysis = try analyse("bert-base", ["sequence": sequence], traffic: .tiled)
    let stems = ["q", "scores", "context", "out", "ffn1", "ffn2"]
    for (stem, value) in zip(stems, printed) {
      let intensity = analysis[stem].intensity
      #expect(isNear(intensity, value, within: 0.001), "\(stem): \(intensity), \(value)")
    }
    let total = analysis.total.intensity
    #expect(isNear(total, printed[6], within: 0.002), "total: \(total)")
  }
}
