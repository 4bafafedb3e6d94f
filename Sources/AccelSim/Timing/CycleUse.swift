/// What a cycle of the whole run went to: exactly one use each, so the uses add up to the cycles of
/// the run and of every operator.
///
/// The array comes first: a cycle in which its controller works or has work that waits has that
/// reason. A cycle in which it has none goes to the first of the others that is at work, in the order
/// of the declaration: where several are, one of them is what the array waits for.
enum CycleUse: Int, Activity {
  case arrayBusy, bankConflict, operandConflict, meshFull, flush, hazard, waitsForResults
  case waitsForCommand
  /// The array has nothing to do; the nonlinear unit has.
  case nonlinearUnit
  /// The array has nothing to do; data is on its way in.
  case loads
  /// The array has nothing to do; data is on its way out.
  case stores
  /// The accelerator rests and the host computes, starts an operation or passes a fence.
  case hostWork
  /// The accelerator rests and the host quantises or dequantises.
  case hostConversion
  /// Nobody works: commands are on their way.
  case nothing

  init(_ activities: Activities, host: CycleUse?) {
    switch activities.execute {
    case .busy: self = .arrayBusy
    case .bankConflict: self = .bankConflict
    case .operandConflict: self = .operandConflict
    case .meshFull: self = .meshFull
    case .flush: self = .flush
    case .hazard: self = .hazard
    case .waitsForResults: self = .waitsForResults
    case .waitsForCommand: self = .waitsForCommand
    case .idle:
      if activities.nonlinear != .idle {
        self = .nonlinearUnit
      } else if activities.load != .idle || activities.reader != .idle {
        self = .loads
      } else if activities.store != .idle || activities.writer != .idle {
        self = .stores
      } else {
        self = host ?? .nothing
      }
    }
  }

  var name: String {
    switch self {
    case .arrayBusy: "array busy"
    case .bankConflict: "array: bank conflict with DMA"
    case .operandConflict: "array: operands share a bank"
    case .meshFull: "array full"
    case .flush: "array: flush"
    case .hazard: "array: address hazard"
    case .waitsForResults: "array: waiting for results"
    case .waitsForCommand: "array: waiting for a command"
    case .nonlinearUnit: "nonlinear unit"
    case .loads: "loads"
    case .stores: "stores"
    case .hostWork: "host: operations"
    case .hostConversion: "host: conversions"
    case .nothing: "commands on their way"
    }
  }
}
