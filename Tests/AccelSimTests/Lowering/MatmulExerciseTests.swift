import Testing

@testable import AccelSim

/// Lowered matmuls compute a plain matrix multiplication on the functional machine.
@Suite struct MatmulExerciseTests {
  static let cases: [@Sendable (inout Matmul) -> Void] = [
    { _ in },
    { $0.bias = .full },
    { $0.bias = .repeating },
    {
      $0.bias = .full
      $0.lowBias = true
    },
    { $0.activation = .relu },
    { $0.transposesA = true },
    { $0.transposesB = true },
    { $0.fullOutput = true },
    { $0.tile = MatmulTile(rows: 1, columns: 2, inner: 1) },
    {
      $0.dataflow = .outputStationary
      $0.bias = .full
    },
    {
      $0.dataflow = .outputStationary
      $0.tile = MatmulTile(rows: 2, columns: 1, inner: 2)
      $0.fullOutput = true
    },
    {
      $0.strideA = 50
      $0.strideB = 70
      $0.bias = .full
      $0.strideD = 61
    },
  ]

  @Test(arguments: cases.indices) func resultIsThatOfAPlainProduct(_ index: Int) throws {
    var matmul = Matmul(rows: 37, inner: 41, columns: 60)
    Self.cases[index](&matmul)
    for width in [8, 16] {
      var config = HardwareConfig()
      config.array.meshRows = width
      config.array.meshColumns = width
      let machine = try Machine(config)
      matmul.scale = MatmulExercise.suitableScale(matmul, on: machine)
      let exercise = MatmulExercise(try MatmulPlan(matmul, on: machine))
      #expect(exercise.checksResult)
      let run = try FunctionalRun.run(exercise.source, on: machine)
      #expect(run.checks == 1)
      #expect(run.mismatches.isEmpty, "\(run.mismatches)")
    }
  }

  /// The check can fail: another scale gives another result.
  @Test func checkNotices() throws {
    let machine = try Machine(HardwareConfig())
    var matmul = Matmul(rows: 16, inner: 16, columns: 16)
    matmul.scale = MatmulExercise.suitableScale(matmul, on: machine)
    let right = MatmulExercise(try MatmulPlan(matmul, on: machine))
    matmul.scale /= 4
    let wrong = TiledMatmul(try MatmulPlan(matmul, on: machine))
    var steps: [ProgramStep] = []
    var source = right.source
    while let step = try source.next() {
      if case .command = step { continue }
      if case .check = step {
        var commands = wrong
        while let command = commands.next() { steps.append(command) }
      }
      steps.append(step)
    }
    let run = try FunctionalRun.run(StepList(steps), on: machine)
    #expect(run.mismatches.count == 1)
  }
}
