/// The reference of the assembly text, made from the declarations that decode and encode.
enum ISADocument {
  /// The document, `Docs/ISA.md`.
  static var markdown: String {
    var text = introduction
    for mnemonic in Mnemonic.allCases {
      let command = mnemonic.command
      text += "\n## \(mnemonic.rawValue)\n\(mnemonic.summary) Function \(command.funct)"
      if command.function == .config { text += ", rs1[1:0] = \(command.rs1)" }
      text += ".\n\n| key | bits | value | meaning |\n|---|---|---|---|\n"
      for field in mnemonic.fields {
        let layout = field.layout
        let bits =
          layout.high == layout.low ? "[\(layout.high)]" : "[\(layout.high):\(layout.low)]"
        text += "| `\(field.name)` | \(layout.register.rawValue)\(bits) | \(layout.form) "
        text += "| \(layout.meaning) |\n"
      }
    }
    return text
  }

  private static let introduction = """
    # Commands and assembly text

    Made from the declarations in `Sources/AccelSim/ISA` (a test compares them). Bit positions are \
    those of Gemmini's RoCC commands: a 7-bit function code and two 64-bit registers.

    <!-- file: tile.txt -->
    <!-- setup: head -c 512 /dev/zero >ab.bin -->
    <!-- check: simctl asm tile.txt --output tile.trace -->
    <!-- check: simctl replay tile.trace --config gemmini-default -->
    ```
    # one tile: C = relu(A B)
    load 0x80100000 ab.bin
    config_ex dataflow=ws a_stride=1 c_stride=1 scale=1.0
    config_ld scale=1.0 block_stride=16 stride=16
    config_st stride=16 scale=1.0 activation=relu
    mvin from=0x80100000 rows=16 cols=16 to=sp[0x0]
    mvin from=0x80100100 rows=16 cols=16 to=sp[0x10]
    preload b=sp[0x10] b_rows=16 b_cols=16 c=acc[0x0] c_rows=16 c_cols=16
    compute_preloaded a=sp[0x0] a_rows=16 a_cols=16 b=garbage b_rows=16 b_cols=16
    mvout to=0x80200000 rows=16 cols=16 from=acc[0x0]
    fence
    ```

    One command or record a line; `#` starts a comment. A command is its name and `key=value` words \
    in any order. Keys that are left out are 0, but addresses and `dataflow` must be there. A flag \
    may stand alone (`skip` is `skip=1`). Numbers are decimal or `0x` hexadecimal.

    - Local addresses: `sp[N]` a scratchpad row, `acc[N]` an accumulator row, `acc+[N]` one that \
    adds to what is there (bit 30); `.full` takes raw 32-bit rows (bit 29), `.normN` gives \
    normalisation command N (bits 28:26); N is bits 25:0. `garbage` is all ones: no row, zeros.
    - Scales: a decimal float such as `0.5`, or the 32 bits as `0x...`.
    - `reserved1=0x...`, `reserved2=0x...`: bits of rs1 and rs2 that no key covers.
    - `cmd FUNCT RS1 RS2`: any command by its raw fields.
    - `fence`, `load 0xADDR FILE`, `zero 0xADDR LEN`, `dump 0xADDR LEN FILE`, \
    `check 0xADDR LEN FILE`: the other records of a trace; `check` is the trace's `#@check`.

    The convolution commands 1 to 3 exist in two encodings; the names that end in `_square` are the \
    older one, for hardware before July 2023 (`convEncoding` in the configuration).

    """
}

extension Mnemonic {
  /// What the command does, in a sentence.
  public var summary: String {
    switch self {
    case .configExecute: "Sets how computes run."
    case .configLoad: "Sets how one of the three moves into local memory runs."
    case .configStore: "Sets how moves out of local memory run: stride, scale, activation, pooling."
    case .configNorm: "Sets the constants of the nonlinear functions."
    case .mvin: "Moves from main memory to local memory, as load state 0 says."
    case .mvin2: "Moves from main memory to local memory, as load state 1 says."
    case .mvin3: "Moves from main memory to local memory, as load state 2 says."
    case .mvout: "Moves from local memory to main memory."
    case .mvoutSpad: "Moves from local memory to the scratchpad."
    case .preload: "Names the matrix that goes into the array and where the result goes."
    case .computePreloaded: "Multiplies with what the last preload brought."
    case .computeAccumulated: "Multiplies with what is in the array already."
    case .flush: "Forgets address translations."
    case .loopMatmul: "Starts a whole matmul, unrolled by the hardware."
    case .loopMatmulBounds: "Sets the sizes of the next matmul loop."
    case .loopMatmulAddressesAB: "Sets where A and B of the next matmul loop are."
    case .loopMatmulAddressesDC: "Sets where D and C of the next matmul loop are."
    case .loopMatmulStridesAB: "Sets the row lengths of A and B of the next matmul loop."
    case .loopMatmulStridesDC: "Sets the row lengths of D and C of the next matmul loop."
    case .loopMatmulScratchpadAB: "Sets where A and B stand in the scratchpad."
    case .loopMatmulScratchpadC: "Is accepted and has no effect."
    case .loopConv: "Starts a whole convolution, unrolled by the hardware."
    case .loopConvConfig1: "Sets the sizes of the tensors of the next convolution."
    case .loopConvConfig2: "Sets the pooling and the output block of the next convolution."
    case .loopConvConfig3: "Sets the kernel block and the padding of the next convolution."
    case .loopConvConfig4: "Sets dilation, output block and strides of the next convolution."
    case .loopConvConfig5: "Sets where weights and output of the next convolution are."
    case .loopConvConfig6: "Sets where bias and input of the next convolution are."
    case .squareLoopConvConfig1: "Sets the sizes of the tensors, in the older encoding."
    case .squareLoopConvConfig2: "Sets the pooling and the output block, in the older encoding."
    case .squareLoopConvConfig3: "Sets the kernel block and the padding, in the older encoding."
    case .clockGate: "Switches the clock gate."
    case .counter: "Reads and sets a performance counter."
    case .configNonlinear:
      "Sets an operand of the nonlinear unit (Docs/NonlinearUnit.md); this project's own."
    case .nonlinear:
      "Runs an operation of the nonlinear unit, all passes or one; this project's own."
    }
  }
}
