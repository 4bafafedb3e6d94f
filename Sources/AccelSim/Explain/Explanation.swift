/// What bounds a run or one of its operators, what shows it, and what would help.
public struct Explanation: Encodable, Equatable, Sendable {
  /// What most of the cycles went to.
  public enum Bound: String, CaseIterable, Encodable, Sendable {
    /// The array multiplies.
    case array
    /// The array waits for a bank that the DMA or another of its operands takes.
    case banks
    /// The array waits for itself: it is full, flushes, or needs an earlier result.
    case dependencies
    /// The array waits for its next command, or all commands are still on their way.
    case commands
    /// The array has nothing to do; data is on its way in.
    case loads
    /// The array has nothing to do; data is on its way out.
    case stores
    /// The array has nothing to do; the floating-point nonlinear unit has.
    case nonlinearUnit
    /// The accelerator rests; the host computes, converts or passes a fence.
    case host

    init(_ use: CycleUse) {
      switch use {
      case .arrayBusy: self = .array
      case .bankConflict, .operandConflict: self = .banks
      case .meshFull, .flush, .hazard, .waitsForResults: self = .dependencies
      case .waitsForCommand, .nothing: self = .commands
      case .nonlinearUnit: self = .nonlinearUnit
      case .loads: self = .loads
      case .stores: self = .stores
      case .hostWork, .hostConversion: self = .host
      }
    }
  }

  /// A run on a machine with one change.
  public struct WhatIf: Encodable, Equatable, Sendable {
    /// In a few words.
    public var name: String
    /// Such as `accumulator.capacityKiB=128`.
    public var change: [String]
    /// Cycles of the whole run there; `nil` if it cannot run there.
    public var runCycles: Int?
    /// Cycles of the subject there; `nil` also if it runs inside another operator there.
    public var cycles: Int?
    /// Why it cannot run there.
    public var problem: String?
    /// Bytes of scratchpad and accumulator that the change adds.
    public var extraSRAMBytes: Int
  }

  /// The run, in one line.
  public var title: String
  /// Name of the operator; `nil` for the whole run.
  public var subject: String?
  /// Whether the run came to its end.
  public var isComplete: Bool
  /// Operators that it is about.
  public var count: Int
  /// Cycles of the subject, all its operators added up; those of the run for the whole run.
  public var cycles: Int
  /// Cycles of the whole run.
  public var runCycles: Int
  /// The largest of `bounds`; `commands` where nothing took a cycle.
  public var bound: Bound
  /// Cycles of each `Bound` that has some, largest first; they add up to `cycles`.
  public var bounds: [ReasonCount]
  /// What every cycle went to, largest first; they add up to `cycles`.
  public var uses: [ReasonCount]
  /// Sentences.
  public var evidence: [String]
  /// For the whole run: the operators with the most cycles, by name without the layer.
  public var largest: [ReasonCount]
  /// Fewest cycles first; those that cannot run last.
  public var whatIfs: [WhatIf] = []
  /// Why nothing was tried.
  public var note: String?
}

extension Explanation {
  /// Explains the run in `file`.
  ///
  /// - Parameter operation: An operator's name with or without its layer; `nil` for the whole run.
  /// - Throws: `UnknownOperator`.
  public init(_ file: RunFile, operator operation: String? = nil) throws(UnknownOperator) {
    let report = file.report
    let row = try Self.row(of: operation, in: report)
    title = file.title
    subject = operation
    isComplete = report.isComplete
    count = row.count
    cycles = row.cycles
    runCycles = report.cycles
    uses = Self.sorted(row.cycleUses)
    var sums: [String: Int] = [:]
    for use in CycleUse.allCases {
      sums[Bound(use).rawValue, default: 0] += row.cycleUses[use.name, default: 0]
    }
    bounds = Self.sorted(sums.filter { $0.value > 0 })
    bound = bounds.first.flatMap { Bound(rawValue: $0.reason) } ?? .commands
    largest =
      operation != nil || report.operators.count < 2
      ? []
      : Array(
        Self.sorted(
          Dictionary(report.stems.map { ($0.stem, $0.cycles) }, uniquingKeysWith: +)
        ).prefix(5))
    evidence = Evidence(row, report, Machine(unchecked: file.machine)).sentences
  }

  /// The operators called `name`, or all of them, as one row.
  static func row(
    of name: String?, in report: NetworkReport
  ) throws(UnknownOperator) -> NetworkReport.Row {
    let rows = report.operators.filter { name == nil || $0.name == name || $0.stem == name }
    guard var sum = rows.first else {
      guard let name else {
        return NetworkReport.Row(
          name: "", stem: "", group: "", layer: nil, place: "", fused: [], cycles: 0, macs: 0,
          readBytes: 0, writtenBytes: 0, local: LocalTraffic(), hostCycles: 0, stall: "")
      }
      throw UnknownOperator(
        name: name, names: report.stems.map(\.stem) + report.operators.map(\.name))
    }
    for row in rows.dropFirst() { sum.add(row) }
    if name == nil { sum.name = "" }
    return sum
  }

  private static func sorted(_ counts: [String: Int]) -> [ReasonCount] {
    counts.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
      .map { ReasonCount(reason: $0.key, cycles: $0.value) }
  }
}

/// A run has no operator of this name.
public struct UnknownOperator: Error, Equatable, CustomStringConvertible {
  /// What was asked for.
  public var name: String
  /// Those that it has, without their layers first.
  public var names: [String]

  public var description: String {
    var known: Set<String> = []
    let names = names.filter { known.insert($0).inserted }
    let list = names.prefix(20).joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    let hint = Suggestion.nearest(to: name, among: names).map { "; did you mean '\($0)'?" }
    return "the run has no operator '\(name)'" + (hint ?? "; it has \(list)")
  }
}

// MARK: What would help

extension Explanation {
  /// A machine to try.
  public struct Trial: Sendable {
    /// The change in a few words.
    public var name: String
    /// The keys that it sets, such as `accumulator.capacityKiB=128`.
    public var change: [String]
    /// The run's machine with the change.
    public var machine: Machine
  }

  /// Why a trial could not run.
  public struct Failure: Error {
    /// The reason in one line; reports show it in place of cycles.
    public var words: String

    public init(_ words: String) { self.words = words }
  }

  /// The machines on which the program of `file` should be run again, those that promise most first;
  /// none for a program that cannot be, nor
  /// for a run that was interrupted: whole runs cannot be compared with it.
  public func trials(of file: RunFile, atMost count: Int = 6) -> [Trial] {
    guard isComplete, file.program.isRepeatable,
      let row = try? Self.row(of: subject, in: file.report)
    else {
      return []
    }
    return Remedy.candidates(for: row, on: file.machine, atMost: count).map {
      Trial(
        name: $0.change.name, change: $0.change.assignments.map(\.description),
        machine: Machine(unchecked: $0.machine))
    }
  }

  /// Takes over what the runs of `trials` gave.
  public mutating func add(
    _ results: [(trial: Trial, result: Result<NetworkReport, Failure>)], to file: RunFile
  ) {
    let base = Machine(unchecked: file.machine).sramBytes
    for (trial, result) in results {
      var whatIf = WhatIf(
        name: trial.name, change: trial.change, extraSRAMBytes: trial.machine.sramBytes - base)
      do {
        let report = try result.get()
        whatIf.runCycles = report.cycles
        whatIf.cycles = try? Self.row(of: subject, in: report).cycles
      } catch {
        whatIf.problem = error.words
      }
      whatIfs.append(whatIf)
    }
    whatIfs = whatIfs.enumerated().sorted {
      let (left, right) = ($0.element.runCycles ?? .max, $1.element.runCycles ?? .max)
      return left == right ? $0.offset < $1.offset : left < right
    }.map(\.element)
  }
}
