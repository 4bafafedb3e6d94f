import AccelSim
import SystolicCore
import Testing

@Suite struct ISAInstructionTests {
  private static func randomCommand(using random: inout Seeded) -> Command {
    let function = Function.allCases.randomElement(using: &random) ?? .config
    // Sparse and dense words: single bits find fields that are in the wrong place.
    func word() -> UInt64 {
      switch Int.random(in: 0..<4, using: &random) {
      case 0: 0
      case 1: 1 << UInt64.random(in: 0..<64, using: &random)
      case 2: random.next() & random.next()
      default: random.next()
      }
    }
    return Command(function, word(), word())
  }

  @Test(arguments: ConvEncoding.allCases)
  func decodingLosesNothing(encoding: ConvEncoding) throws {
    var random = Seeded(7)
    for _ in 0..<Seeded.iterations(2_000) {
      let command = Self.randomCommand(using: &random)
      let instruction = try command.decode(encoding: encoding)
      #expect(instruction.encode() == command)
      #expect(try instruction.encode().decode(encoding: encoding) == instruction)
    }
  }

  @Test func unknownFunctionsAreErrors() {
    for funct in UInt8(0)...127 where Function(rawValue: funct) == nil {
      #expect(throws: UnknownFunction(funct: funct)) {
        try Command(funct: funct, rs1: 0, rs2: 0).decode()
      }
    }
  }

  @Test(arguments: Mnemonic.allCases)
  func fieldsAreDisjoint(mnemonic: Mnemonic) throws {
    var seen = mnemonic.command
    for field in mnemonic.fields {
      #expect(field.layout.high >= field.layout.low && field.layout.high < 64)
      #expect(field.layout.read(seen) == 0, "\(field.name) overlaps")
      field.layout.write(.max, to: &seen)
      #expect(field.layout.read(seen) == field.layout.mask)
    }
    #expect(Set(mnemonic.fields.map(\.name)).count == mnemonic.fields.count)
    let reserved = mnemonic.reserved
    #expect(seen.rs1 & reserved.rs1 == 0 && seen.rs2 & reserved.rs2 == 0)
    #expect(mnemonic.template.parts.mnemonic == mnemonic)
    let encoding =
      mnemonic.rawValue.hasSuffix("square") ? ConvEncoding.square : .rectangular
    #expect(try mnemonic.command.decode(encoding: encoding) == mnemonic.template)
  }

  // Words as Gemmini's own header builds them (facts chapter 3), put together by hand here.

  @Test func fieldsOfConfigurationsStandWhereTheFactsSay() throws {
    let execute = ConfigExecute(
      Command(.config, 0x3F80_0000_0003_0384, 0x0002_0000_0000_0005))
    #expect(execute.isWeightStationary && execute.aTranspose && execute.bTranspose)
    #expect(execute.setOnlyStrides && execute.activation == 0)
    #expect(execute.aStride == 3 && execute.cStride == 2 && execute.shift == 5)
    #expect(execute.scaleBits == 0x3F80_0000)

    let load = ConfigLoad(Command(.config, 0x4000_0000_0010_0215, 0x1_0000_0040))
    #expect(load.shrink && load.state == 2 && load.pixelRepeats == 2 && load.blockStride == 16)
    #expect(load.scaleBits == 0x4000_0000 && load.stride == 0x1_0000_0040)

    let store = ConfigStore(Command(.config, 0x0807_0605_0400_0B96 | 0xC, 0xFFFF_FFFF_0000_0080))
    #expect(store.activation == 3 && store.poolStride == 1 && store.poolSize == 2)
    #expect(store.upperPadding == 3 && store.leftPadding == 2 && store.poolOutDim == 4)
    #expect(store.poolOutRows == 5 && store.poolOutColumns == 6)
    #expect(store.outRows == 7 && store.outColumns == 8)
    #expect(store.stride == 128 && store.scaleBits == .max)

    let norm = ConfigNorm(Command(.config, 0x1234_5678_0007_0203, 0x8765_4321_1111_2222))
    #expect(norm.statistics == 2 && norm.activationMSB && norm.setOnlyStatistics)
    #expect(norm.isInverse && norm.qln2 == 0x1234_5678)
    #expect(norm.qb == 0x1111_2222 && norm.qc == 0x8765_4321)
  }

  @Test func fieldsOfMovesStandWhereTheFactsSay() throws {
    let load = MoveIn(Command(.mvin, 0x8010_0000, 0x0010_0040_C000_0020))
    #expect(load.memoryAddress == 0x8010_0000 && load.rows == 16 && load.columns == 64)
    #expect(load.localAddress == LocalAddress(bits: 0xC000_0020))
    let preload = Preload(Command(.preload, 0x0001_0002_FFFF_FFFF, 0x0003_0004_8000_0000))
    #expect(preload.input == .garbage && preload.inputRows == 1 && preload.inputColumns == 2)
    #expect(preload.output.isAccumulator && preload.outputRows == 3 && preload.outputColumns == 4)
    let spad = MoveOutToScratchpad(Command(.mvoutSpad, 0x7_0000_0123, 0x0001_0002_8000_0000))
    #expect(spad.destination.bits == 0x123 && spad.destinationStride == 7)
    let operand = LocalOperand(0x0003_0004_8000_0001)
    #expect(operand.rows == 3 && operand.columns == 4 && operand.address.bits == 0x8000_0001)
    #expect(
      LocalOperand(rows: 3, columns: 4, address: LocalAddress(bits: 0x8000_0001)) == operand)
  }

  @Test func fieldsOfLoopsStandWhereTheFactsSay() throws {
    let run = LoopMatmulRun(Command(.loopMatmul, 0x9_0405, 0x55_0000_0302))
    #expect(run.accumulates && !run.fullC && run.lowD && run.activation == 4)
    #expect(run.bScratchpad == 1 && run.aScratchpad == 2)
    #expect(!run.aTranspose && run.bTranspose && !run.skipA)
    #expect(run.incrementsAccumulator && run.scratchpadOnly && run.cScratchpadRow == 0x55)
    let bounds = LoopMatmulBounds(Command(.loopMatmulBounds, 0x3_0002_0001, 0x6_0005_0004))
    #expect(bounds.padI == 1 && bounds.padJ == 2 && bounds.padK == 3)
    #expect(bounds.i == 4 && bounds.j == 5 && bounds.k == 6)
  }

  /// The same 3x3 pooled convolution in both encodings (golden/rtl conv_ and convold_ traces).
  @Test func convolutionsInBothEncodings() throws {
    let new1 = LoopConvConfig1(
      Command(.loopConvConfig1, 0x0010_0010_0008_0001, 0x0101_0008_0004_0008))
    let old1 = SquareLoopConvConfig1(
      Command(.loopConvConfig1, 0x0010_0010_0008_0001, 0x0001_0001_0004_0008))
    #expect(new1.outRowDim == 8 && new1.outColumnDim == 8 && old1.outDim == 8)
    #expect(new1.poolOutRowDim == 4 && old1.poolOutDim == 4)
    #expect(new1.stride == 1 && new1.padding == 1 && old1.stride == 1 && old1.padding == 1)
    #expect(new1.inRowDim == 8 && old1.inDim == 8 && new1.outChannels == 16)
    let new2 = LoopConvConfig2(
      Command(.loopConvConfig2, 0x0003_0004_0003_0201, 0x0001_0004_0004_0010))
    let old2 = SquareLoopConvConfig2(
      Command(.loopConvConfig2, 0x0003_0003_0002_0001, 0x0001_0004_0004_0010))
    #expect(new2.kernelDim == 3 && new2.poolSize == 3 && new2.poolStride == 2)
    #expect(new2.poolPadding == 1 && new2.poolOutColumnDim == 4)
    #expect(old2.kernelDim == 3 && old2.poolSize == 3 && old2.poolStride == 2)
    #expect(old2.poolPadding == 1 && old2.poolOutChannels == 16 && old2.batches == 1)
    let new3 = LoopConvConfig3(
      Command(.loopConvConfig3, 0x0003_0003_0010_0001, 0x0001_0001_0101_0008))
    let old3 = SquareLoopConvConfig3(
      Command(.loopConvConfig3, 0x0003_0003_0010_0001, 0x0001_0001_0001_0001))
    #expect(new3.inColumnDim == 8 && new3.poolLeftPadding == 1 && new3.lowerPadding == 1)
    #expect(new3.upperPadding == 1 && new3.rightPadding == 1)
    #expect(old3.poolLeftPadding == 1 && old3.lowerPadding == 1 && old3.upperPadding == 1)
    #expect(old3.kernelRows == 3 && old3.kernelChannels == 16 && old3.leftPadding == 1)
    let four = LoopConvConfig4(
      Command(.loopConvConfig4, 0x0008_0001_0020_0401, 0x0010_0010_0010_0008))
    #expect(four.kernelDilation == 1 && four.poolLowerPadding == 1 && four.poolUpperPadding == 1)
    #expect(four.poolRightPadding == 1 && four.outRows == 8 && four.outColumns == 8)
    #expect(four.outStride == 16 && four.weightStride == 16 && four.inStride == 16)
    let run = LoopConvRun(Command(.loopConv, 0x100, 0x8))
    #expect(run.maxPixelsPerRow == 1 && run.activation == 1 && !run.noPool)
  }

  @Test func fieldsAreWrittenBySubscript() throws {
    var load = ConfigLoad()
    load[.stride] = 64
    load[.state] = 2
    load[.blockStride] = 0x1_0010
    #expect(load.command == Command(.config, 0x0010_0011, 64))
    load[.state] = 0
    #expect(load.command == Command(.config, 0x0010_0001, 64))
  }
}
