import SystolicCore

/// A nonlinear operation on a dense tensor in main memory, in one of the three placements, as a
/// program of its own.
public struct TensorProgram: CommandSource, Sendable {
  /// What was decided.
  public let piece: OperatorPiece
  private var source: any CommandSource & Sendable

  /// - Parameter isOnChip: Operands are taken to be in local memory, and results left there; only
  ///   for the floating-point unit.
  /// - Throws: `LoweringError` naming what the machine or the placement cannot do.
  public init(
    _ work: NonlinearWork, at placement: Placement, on machine: Machine, isOnChip: Bool = false
  ) throws(LoweringError) {
    try work.check()
    if isOnChip && placement != .fpUnit {
      throw LoweringError("only the floating-point unit works on operands that are on chip")
    }
    piece = try OperatorPiece(
      work, NonlinearOperands(dense: work), at: placement, on: machine, isOnChip: isOnChip)
    source = piece.program(flushesFirst: true)
  }

  /// What a placement accepts is legal (`LegalTensorProgramTests`), and the array has no work.
  public var legalMACs: Int? { 0 }

  public mutating func next() throws -> ProgramStep? { try source.next() }
}
