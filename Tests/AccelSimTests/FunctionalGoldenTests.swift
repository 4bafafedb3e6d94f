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
    func folder(_ folder: String) throws {
      let names = try FunctionalGolden.traces(in: folder)
      var wrong: [String] = []
      var checks = 0
      for name in names {
        do {
          let outcome = try FunctionalGolden.run(name)
          checks += outcome.checks
          if !outcome.mismatches.isEmpty {
            wrong.append("\(name): \(outcome.mismatches.count) differ: \(outcome.mismatches[0])")
          }
          if !outcome.machine.hazards.isEmpty {
            print(
              "  \(name): \(outcome.machine.hazards.count) hazards, \(outcome.machine.hazards[0])")
          }
        } catch {
          wrong.append("\(name): \(error)")
        }
      }
      print(
        "\(folder): \(names.count - wrong.count) of \(names.count) traces equal, \(checks) checks")
      #expect(wrong.isEmpty, "\(wrong.joined(separator: "\n"))")
    }
  #endif
}

enum FunctionalGolden {
  static let root = Golden.root

  static func traces(in folder: String) throws -> [String] {
    let manager = FileManager.default
    if folder == "software" {
      return try manager.contentsOfDirectory(atPath: root + "/software").sorted()
        .filter { manager.fileExists(atPath: "\(root)/software/\($0)/trace.txt") }
        .map { "software/" + $0 }
    }
    return try manager.contentsOfDirectory(atPath: "\(root)/\(folder)/traces").sorted()
      .filter { $0.hasSuffix(".trace") }.map { "\(folder)/traces/\($0.dropLast(6))" }
  }

  static func run(_ name: String) throws -> FunctionalRun {
    let isSoftware = name.hasPrefix("software/")
    let path = "\(root)/\(name)" + (isSoftware ? "/trace.txt" : ".trace")
    let source = try TraceReader(path: path)
    return try FunctionalRun.run(source, on: Machine(unchecked: config(name)))
  }

  /// The machine that a trace was recorded on or written for.
  static func config(_ name: String) -> HardwareConfig {
    var config = HardwareConfig()
    if name.hasPrefix("software/") {
      config.features.normalizations = true
      config.features.numerics =
        ProcessInfo.processInfo.environment["HW"] != nil ? .hardware : .softwareModel
    } else if name.contains("/convold_") {
      config.features.convEncoding = .square
    }
    return config
  }
}
