import Foundation
import Testing

@testable import AccelSim

/// Whole recorded programs, results only: every dump and check must be equal.
@Suite(.enabled(if: Golden.isPresent, "no ../shared/golden here"))
struct FunctionalGoldenTests {
  /// A few small traces of every kind, quick enough for debug builds.
  @Test(arguments: [
    "software/aligned", "software/mvin_mvout_acc_full", "software/mvin_mvout_block_stride",
    "software/mvin_mvout_zeros", "software/mvin_scale", "software/matmul_os_fast",
    "software/mm_ws_17x17x17", "software/conv_with_pool_fast", "software/conv_first_layer_fast",
    "software/mm_ibert_igelu_30x30x30", "software/norm_layernorm_21x50",
    "software/norm_softmax_21x50", "software/resadd_35x27", "rtl/traces/man_os_16",
    "rtl-random/traces/h_conv_01",
  ])
  func smallTrace(_ name: String) throws {
    let outcome = try FunctionalGolden.run(name)
    #expect(outcome.mismatches.isEmpty, "\(outcome.mismatches)")
    #expect(outcome.checks > 0)
  }

  #if !DEBUG
    @Test(arguments: ["software", "rtl", "rtl-random"])
    func memoryIsTheRecordedOne(_ folder: String) throws {
      let outcome = try FunctionalGolden.runAll(folder)
      let equal = outcome.names - outcome.wrong.count
      print("functional \(folder): \(equal) of \(outcome.names) equal, \(outcome.checks) checks")
      #expect(outcome.wrong.isEmpty)
    }

    /// Software traces whose results the hardware does not give, each with its reason; all others
    /// are equal with the hardware's arithmetic too.
    @Test func softwareTracesOnHardware() throws {
      let differing = [
        // The hardware multiplies by the inner batches (corrections, facts appendix B 21).
        "cv_trans_in_3120",
        // A zero-address move into the accumulator with shrink.
        "fuzz_ldst_1", "fuzz_ldst_2", "fuzz_ldst_3", "fuzz_ldst_4", "fuzz_ldst_5", "fuzz_ldst_6",
        "fuzz_ldst_7",
        // Exponents of 32 and more: the hardware gives 0, C shifts by the low five bits.
        "mm_ibert_softmax_31x66x30",
        // Output-stationary sums beyond 20 bits.
        "mm_os_80x96x112_extreme",
        // Four statistics sets; the hardware has two.
        "norm_layernorm_21x50", "norm_layernorm_40x192", "norm_softmax_16x64",
        "norm_softmax_21x50", "tiled_matmul_ws_layernorm", "tiled_matmul_ws_layernorm_linux",
        "transformer_256_512_4_64_random", "transformer_64_128_2_32_random",
        "transformer_bert_base_zero", "transformer_small_zero",
      ]
      let outcome = try FunctionalGolden.runAll("software") { $0.features.numerics = .hardware }
      #expect(outcome.wrong.map { String($0.dropFirst("software/".count)) } == differing)
    }
  #endif
}

enum FunctionalGolden {
  /// Software traces that need the normaliser (index.csv, features).
  static let normalizing: Set<String> = {
    let path = Golden.root + "/software/index.csv"
    guard let text = try? String(contentsOfFile: path, encoding: .utf8) else { return [] }
    var names: Set<String> = []
    for line in text.split(separator: "\n") {
      let cells = line.split(separator: ",", omittingEmptySubsequences: false)
      let features = cells.count > 7 ? cells[7].split(separator: " ") : []
      let isNormalizing = features.contains {
        ["config_norm", "norm_cmd", "igelu", "layernorm", "softmax"].contains($0)
      }
      if isNormalizing { names.insert("software/\(cells[0])") }
    }
    return names
  }()

  static func traces(in folder: String) throws -> [String] {
    let manager = FileManager.default
    if folder == "software" {
      return try manager.contentsOfDirectory(atPath: Golden.root + "/software").sorted()
        .filter { manager.fileExists(atPath: "\(Golden.root)/software/\($0)/trace.txt") }
        .map { "software/" + $0 }
    }
    return try manager.contentsOfDirectory(atPath: "\(Golden.root)/\(folder)/traces").sorted()
      .filter { $0.hasSuffix(".trace") }.map { "\(folder)/traces/\($0.dropLast(6))" }
  }

  static func runAll(
    _ folder: String, _ change: (inout HardwareConfig) -> Void = { _ in }
  ) throws -> (names: Int, wrong: [String], checks: Int) {
    let names = try traces(in: folder)
    var wrong: [String] = []
    var checks = 0
    for name in names {
      do {
        let outcome = try run(name, change)
        checks += outcome.checks
        if !outcome.mismatches.isEmpty { wrong.append(name) }
      } catch is FunctionalError {
        wrong.append(name)
      }
    }
    return (names.count, wrong, checks)
  }

  static func run(
    _ name: String, _ change: (inout HardwareConfig) -> Void = { _ in }
  ) throws -> FunctionalRun {
    let isSoftware = name.hasPrefix("software/")
    let path = "\(Golden.root)/\(name)" + (isSoftware ? "/trace.txt" : ".trace")
    var config = config(name)
    change(&config)
    return try FunctionalRun.run(TraceReader(path: path), on: Machine(unchecked: config))
  }

  /// The machine that a trace was recorded on or written for.
  static func config(_ name: String) -> HardwareConfig {
    var config = HardwareConfig()
    if name.hasPrefix("software/") {
      config.features.normalizations = normalizing.contains(name)
      config.features.numerics = .softwareModel
    } else if name.contains("/convold_") {
      config.features.convEncoding = .square
    }
    return config
  }
}
