/// What the numbers of a run depend on besides its inputs.
public enum CycleModel {
  /// Raised with every change of the simulator after which a network may take other cycles or move
  /// other bytes. Results of different versions are never put into one table: a sweep that one
  /// version began is not gone on with by another. `CycleModelTests` asks for it.
  public static let version = 2
}
