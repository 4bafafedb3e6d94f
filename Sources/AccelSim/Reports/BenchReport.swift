import Foundation

/// How fast the simulator was: medians of several runs.
package struct BenchReport: Codable, Equatable, Sendable {
  /// Version of the JSON form.
  static let format = 2

  /// Something that was measured.
  package struct Row: Codable, Equatable, Sendable {
    /// Names the row in every report.
    package var name: String
    /// Seconds of each run: of the processor for what runs inside this program, else of the clock.
    package var seconds: [Double]
    /// Cycles of what was simulated.
    package var cycles: Int?
    /// Those of them that repeat others and were not simulated (Docs/Reuse.md).
    package var reusedCycles: Int?
    /// Multiply-accumulates that were computed.
    package var macs: Int?
    /// Points of a sweep.
    package var points: Int?
    /// Largest memory of the process.
    package var peakBytes: Int?

    /// Creates a row that has not been measured.
    package init(
      _ name: String, cycles: Int? = nil, macs: Int? = nil, points: Int? = nil
    ) {
      self.name = name
      seconds = []
      self.cycles = cycles
      self.macs = macs
      self.points = points
    }

    /// The median of the runs.
    package var median: Double { BenchReport.median(seconds) }

    fileprivate var rate: String {
      guard median > 0 else { return "-" }
      if let macs { return TextFormat.fixed(Double(macs) / median / 1e9, 2) + " GMAC/s" }
      if let points { return TextFormat.fixed(Double(points) / median, 1) + " points/s" }
      guard let cycles else { return "-" }
      let simulated = cycles - (reusedCycles ?? 0)
      return reusedCycles == nil
        ? TextFormat.fixed(Double(simulated) / median / 1e6, 2) + " Mcycles/s"
        : TextFormat.fixed(Double(cycles) / 1e6, 1) + " Mcycles"
    }
  }

  /// Version of the JSON form.
  package var format = Self.format
  /// Processor and cores.
  package var computer: String
  /// How the simulator was compiled.
  package var build: String
  /// Name of the configuration of the rows of one matmul.
  package var machine: String
  /// Runs of each row.
  package var runs: Int
  /// What was measured, in the order of the text.
  package var rows: [Row] = []

  /// Creates a report without rows.
  package init(computer: String, build: String, machine: String, runs: Int) {
    self.computer = computer
    self.build = build
    self.machine = machine
    self.runs = runs
  }

  /// The report for a reader.
  ///
  /// - Parameter earlier: What is compared with it.
  package func text(against earlier: BenchReport? = nil) -> String {
    var lines = [
      ["", "s", "rate or size", "MiB", "reused"] + (earlier == nil ? [] : ["s before", "x"])
    ]
    for row in rows {
      var line = [
        row.name, TextFormat.fixed(row.median, 3), row.rate,
        row.peakBytes.map { "\($0 >> 20)" } ?? "-",
        row.reusedCycles.map { "\(100 * $0 / max(1, row.cycles ?? 1)) %" } ?? "-",
      ]
      if let earlier {
        let before = earlier.rows.first { $0.name == row.name }?.median ?? 0
        line +=
          before > 0 && row.median > 0
          ? [TextFormat.fixed(before, 3), TextFormat.fixed(before / row.median, 2)] : ["-", "-"]
      }
      lines.append(line)
    }
    var text = "\(computer); \(build) build, median of \(runs)\n"
    if let earlier {
      text += "before: \(earlier.computer); \(earlier.build) build, median of \(earlier.runs)\n"
    }
    return text + "matmul: 512x768x768 on \(machine), latency 20\n\n" + TextFormat.table(lines)
  }

  /// The report for a program.
  package func json() throws -> String { try ReportJSON.text(self) }

  /// Reads the JSON of a report.
  ///
  /// - Throws: `NotABenchReport`.
  package init(json bytes: [UInt8]) throws(NotABenchReport) {
    struct Form: Decodable { var format: Int }
    do {
      let decoder = JSONDecoder()
      let format = try decoder.decode(Form.self, from: Data(bytes)).format
      guard format == Self.format else {
        throw NotABenchReport(reason: "format \(format), expected \(Self.format)")
      }
      self = try decoder.decode(BenchReport.self, from: Data(bytes))
    } catch let error as NotABenchReport {
      throw error
    } catch DecodingError.keyNotFound(let key, _) {
      throw NotABenchReport(reason: "no '\(key.stringValue)'")
    } catch DecodingError.typeMismatch(_, let context), DecodingError.valueNotFound(_, let context)
    {
      let path = context.codingPath.map(\.stringValue).joined(separator: ".")
      throw NotABenchReport(reason: "'\(path)' has another type")
    } catch {
      throw NotABenchReport(reason: "no JSON")
    }
  }

  static func median(_ values: [Double]) -> Double {
    let sorted = values.sorted()
    guard !sorted.isEmpty else { return 0 }
    let middle = sorted.count / 2
    return sorted.count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
  }
}

/// A file that is no result of `simctl bench --json`.
package struct NotABenchReport: Error, Equatable {
  /// What is wrong with it.
  package var reason: String
}
