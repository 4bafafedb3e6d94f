import SystolicCore
import Testing

@testable import AccelSim

/// How networks are placed, fused and laid out.
struct NetworkPlanTests {
  static func plan(
    _ model: String, _ values: [String: Int] = [:], _ preset: String = "gemmini-default",
    tiles: [String: MatmulTile] = [:], _ change: (inout HardwareConfig) -> Void = { _ in }
  ) throws -> NetworkPlan {
    let workload = try #require(WorkloadModel.named(model)).workload(values)
    var config = try #require(HardwareConfig.preset(preset))
    change(&config)
    return try NetworkPlan(workload, on: Machine(config), tiles: tiles)
  }

  private static func places(_ plan: NetworkPlan) -> [String: OperatorPlace] {
    Dictionary(plan.operators.map { ($0.stem, $0.place) }, uniquingKeysWith: { first, _ in first })
  }

  /// Paper facts 2.4: matmuls on the array, everything else where the configuration says.
  @Test(arguments: [
    ("gemmini-default", OperatorPlace.host), ("gemmini-fp", .fpUnit),
  ])
  func placements(_ preset: String, _ place: OperatorPlace) throws {
    let plan = try Self.plan("bert-base", ["sequence": 64, "layers": 1], preset)
    let places = Self.places(plan)
    for stem in ["q", "k", "v", "scores", "context", "out", "ffn1", "ffn2"] {
      #expect(places[stem] == .array, "\(stem)")
    }
    for stem in ["softmax", "add1", "norm1", "gelu", "add2", "norm2"] {
      #expect(places[stem] == place, "\(stem)")
    }
    #expect(plan.operators.map(\.fused) == Array(repeating: [], count: 14))
  }

  /// Softmax and GELU leave the array normalised; LayerNorm comes after an addition, so it cannot.
  @Test func integerUnits() throws {
    let plan = try Self.plan("bert-base", ["sequence": 64, "layers": 1], "gemmini-ibert")
    let fused = plan.operators.filter { !$0.fused.isEmpty }.map { ($0.stem, $0.fused) }
    #expect(fused.map(\.0) == ["scores", "ffn1"])
    #expect(fused.map(\.1) == [["layer0.softmax"], ["layer0.gelu"]])
    let places = Self.places(plan)
    #expect(places["norm1"] == .integerUnit && places["add1"] == .integerUnit)
    // Rows of 4096 scores do not fit 128 KiB: a pass of its own.
    #expect(throws: NetworkError.self) {
      try Self.plan("bert-base", ["sequence": 4096, "layers": 1], "gemmini-ibert")
    }
  }

  /// The encoder of Gemmini's own test normalises before it adds: LayerNorm inside the matmul where
  /// half the accumulator holds 768 columns of 16 rows (paper facts 1.7).
  @Test func layerNormInsideAMatmul() throws {
    func fused(_ kiB: Int) throws -> [String] {
      try Self.plan("gemmini-encoder", ["sequence": 64], "gemmini-ibert") {
        $0.accumulator.capacityKiB = kiB
      }.operators.filter { !$0.fused.isEmpty }.map(\.stem)
    }
    let (large, small) = (try fused(128), try fused(64))
    #expect(large.count == small.count + 2, "\(large) \(small)")
  }

  @Test func poolsInsideConvolutions() throws {
    let resnet = try Self.plan("resnet50")
    #expect(resnet.operators.first?.fused == ["pool1"])
    #expect(resnet.operators.count { $0.place == .integerUnit } == 16)
    // Behind a concat of channels both convolutions pool.
    let squeezenet = try Self.plan("squeezenet1.1")
    for name in ["fire3.e1", "fire3.e3"] {
      let step = try #require(squeezenet.operators.first { $0.name == name })
      guard case .convolution(let plan) = step.pieces.first else {
        Issue.record("\(name) is no convolution")
        continue
      }
      #expect(plan.convolution.pooling == ConvPooling(size: 3, stride: 2, roundsUp: true))
      #expect(plan.strideOutput == 128)
    }
    do {
      _ = try Self.plan("resnet50", [:], "gemmini-ibert")
      Issue.record("a machine without max-pool ran ResNet-50")
    } catch let error as NetworkError {
      #expect(error.description.hasPrefix("operator 'pool1' (maxPool of [1, 112, 112, 64])"))
    }
  }

  /// Every operator's output is its own: no two tensors that are needed at the same time overlap.
  @Test func memoryDoesNotOverlap() throws {
    var memory = TensorMemory(start: 0x1000, end: 0x9000)
    var taken: [UInt64: Int] = [:]
    var random = Seeded(2)
    for _ in 0..<2_000 {
      if Bool.random(using: &random), let bytes = [1, 64, 65, 4000].randomElement(using: &random) {
        guard let address = memory.allocate(bytes) else { continue }
        #expect(address % 64 == 0 && address >= 0x1000 && address + UInt64(bytes) <= 0x9000)
        let meets = taken.contains {
          $0.key < address + UInt64(bytes) && address < $0.key + UInt64($0.value)
        }
        #expect(!meets)
        taken[address] = bytes
      } else if let address = taken.keys.sorted().randomElement(using: &random) {
        memory.release(address)
        taken[address] = nil
      }
    }
    for address in taken.keys { memory.release(address) }
    #expect(memory.allocate(0x8000) == 0x1000)
  }

  @Test func activationsUsePlacesAgain() throws {
    let one = try Self.plan("bert-base", ["sequence": 128, "layers": 1])
    let two = try Self.plan("bert-base", ["sequence": 128, "layers": 2])
    // Biases and norms of 768 take 3,072 bytes of a page each.
    let weights = 4 * 768 * 768 + 2 * 768 * 3072 + 4 * 3072 + (5 + 4) * 4096
    #expect(two.memoryBytes - one.memoryBytes == weights)
  }

  @Test func tilesByHand() throws {
    let tile = MatmulTile(rows: 1, columns: 2, inner: 3)
    let plan = try Self.plan("bert-base", ["sequence": 64, "layers": 2], tiles: ["layer1.q": tile])
    let tiles = plan.operators.filter { $0.stem == "q" }.compactMap {
      if case .matmul(let plan) = $0.pieces.first { plan.tile } else { nil }
    }
    #expect(tiles.count == 2 && tiles[0] != tile && tiles[1] == tile)
    do {
      _ = try Self.plan("bert-base", ["sequence": 64, "layers": 1], tiles: ["qq": tile])
      Issue.record("an unknown operator was accepted")
    } catch let error as NetworkError {
      #expect(error.description.contains("no operator 'qq' in bert-base; did you mean 'q'?"))
    }
    let large = MatmulTile(rows: 4, columns: 48, inner: 48)
    do {
      _ = try Self.plan("bert-base", ["sequence": 64, "layers": 1], tiles: ["q": large])
      Issue.record("a tile that does not fit was accepted")
    } catch let error as NetworkError {
      #expect(error.description.hasPrefix("operator 'layer0.q' (matmul of [64, 768] x [768, 768]"))
    }
  }

  /// The whole zoo, one layer each, on three machines: planned, or refused for the reason that is
  /// known.
  @Test func everyModelOnEveryMachine() throws {
    var refused: [(model: String, reason: String)] = []
    for model in WorkloadModel.all where model.name != "gpt2-generate" {
      var values: [String: Int] = [:]
      for parameter in model.parameters where ["layers", "sequence"].contains(parameter.name) {
        values[parameter.name] = parameter.name == "layers" ? 1 : 32
      }
      for preset in ["gemmini-default", "gemmini-fp", "gemmini-ibert"] {
        do {
          let plan = try Self.plan(model.name, values, preset)
          #expect(plan.operators.reduce(0) { $0 + $1.macs } == plan.macs)
        } catch let error as NetworkError {
          let reason = error.description.split(separator: "): ").last.map(String.init) ?? ""
          refused.append((model.name, reason))
        }
      }
    }
    let reasons = Set(refused.map(\.reason))
    #expect(
      reasons == [
        "gemmini-ibert cannot pool: features.maxPool is false"
      ])
    let encoders = refused.contains { $0.model.hasPrefix("bert") || $0.model.hasPrefix("gpt2") }
    #expect(!encoders)
  }

  /// What the integer units do not have is the host's.
  @Test func fallbacks() throws {
    let places = Self.places(
      try Self.plan("llama-7b", ["sequence": 16, "layers": 1], "gemmini-ibert"))
    for stem in ["norm1", "norm2", "silu", "rotaryQ"] { #expect(places[stem] == .host, "\(stem)") }
    #expect(places["add1"] == .integerUnit)
  }

  /// Blocks are for matmuls.
  @Test func tilesOfOtherOperators() throws {
    do {
      _ = try Self.plan(
        "bert-base", ["sequence": 64, "layers": 1],
        tiles: ["softmax": MatmulTile(rows: 1, columns: 1, inner: 1)])
      Issue.record("a softmax took blocks")
    } catch let error as NetworkError {
      #expect(error.description.hasSuffix("blocks can be given for matmuls only"))
    }
  }

  /// With data, scales that the integer units cannot have are errors; without, others stand in.
  @Test func scalesThatAreTooFine() throws {
    var builder = WorkloadBuilder("fine", [])
    let x = builder.tensor("x", [16, 16], .input)
    let sums = builder.linear(
      "sums", .feedForward, x, inner: 16, columns: 16, type: .int32, hasBias: false)
    var gelu = WorkloadActivation()
    gelu.function = .gelu
    gelu.inputScale = 1e-6
    _ = builder.add("gelu", .activation(gelu), [sums])
    let workload = try builder.finish()
    let machine = try NetworkCheckTests.machine("gemmini-ibert")
    _ = try NetworkPlan(workload, on: machine)
    #expect(throws: NetworkError.self) {
      try NetworkPlan(workload, on: machine, keepsScales: true)
    }
  }

  /// Every parameter of every model at its ends.
  @Test func parametersAtTheirEnds() throws {
    for model in WorkloadModel.all {
      for parameter in model.parameters {
        for value in [parameter.range.lowerBound, 0, -1, Int.min, Int.max] {
          _ = parameter.allows(value)
        }
        #expect(parameter.allows(parameter.standard), "\(model.name) \(parameter.name)")
      }
    }
  }

  @Test func loweringReportsFitATerminal() throws {
    for (model, preset) in [
      ("bert-base", "gemmini-ibert"), ("resnet50", "gemmini-default"), ("gpt2", "gemmini-fp"),
    ] {
      let report = LoweringReport(try Self.plan(model, [:], preset))
      let tooLong = report.text().split(separator: "\n").filter { $0.count > 80 }
      #expect(tooLong.isEmpty)
      _ = try report.json()
    }
  }
}
