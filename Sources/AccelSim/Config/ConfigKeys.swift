/// One object of the file with its properties.
struct ConfigSection: Sendable {
  let name: String
  let meaning: String
  let keys: [ConfigKey]
}

extension HardwareConfig {
  /// The top-level property that stands outside the sections.
  static let nameKey = ConfigKey(
    section: "", name: "name", meaning: "A name for reports.", unit: nil, source: "",
    access: .text(\.name))

  /// Every property, section by section, in the order in which it is written.
  static let sections: [ConfigSection] = [
    arraySection, scratchpadSection, accumulatorSection, reservationStationSection, queueSection,
    dmaSection, moveInSection, moveOutSection, nonlinearSection, placementSection, featureSection,
    memorySection, cacheSection, hostSection,
  ]

  /// Every property in the order in which it is written.
  static let keys: [ConfigKey] = [nameKey] + sections.flatMap(\.keys)

  private static let arraySection = ConfigSection(
    name: "array",
    meaning: "The array of processing elements. DIM, its rows and its columns, is "
      + "`meshRows × tileRows = meshColumns × tileColumns`.",
    keys: KeyMaker("array").keys {
      [
        $0.integer(
          "meshRows", \.array.meshRows, .any(1...256),
          "Rows of tiles; registers stand between tiles.",
          unit: "tiles", "meshRows"),
        $0.integer(
          "meshColumns", \.array.meshColumns, .any(1...256), "Columns of tiles.", unit: "tiles",
          "meshColumns"),
        $0.integer(
          "tileRows", \.array.tileRows, .any(1...256),
          "Rows of processing elements in a tile, which is combinational inside.", unit: "elements",
          "tileRows"),
        $0.integer(
          "tileColumns", \.array.tileColumns, .any(1...256),
          "Columns of processing elements in a tile.", unit: "elements", "tileColumns"),
        $0.choice(
          "dataflow", \.array.dataflow,
          "Which operand stays in the array; `both` lets each config_ex choose.", "dataflow"),
        $0.integer(
          "tileLatency", \.array.tileLatency, .any(0...16),
          "Extra registers a hop between tiles: a hop takes `tileLatency + 1` cycles.",
          unit: "cycles", "tile_latency"),
        $0.integer(
          "outputDelay", \.array.outputDelay, .any(0...64), "Registers after the bottom row.",
          unit: "cycles", "mesh_output_delay"),
        $0.integer(
          "outputBits", \.array.outputBits, .any(8...32),
          "Width of the partial sums between elements; sums wrap at this width (facts 4.2).",
          unit: "bits", "spatialArrayOutputType"),
      ]
    })

  private static let scratchpadSection = ConfigSection(
    name: "scratchpad",
    meaning: "The memory of the array's operands. A row holds DIM elements.",
    keys: KeyMaker("scratchpad").keys {
      [
        $0.choice(
          "elementType", \.scratchpad.elementType,
          "Type of A, B and D in memory and of the array's inputs.",
          "inputType, weightType, spatialArrayInputType, spatialArrayWeightType"),
        $0.integer(
          "capacityKiB", \.scratchpad.capacityKiB, .any(1...262_144), "Size.", unit: "KiB",
          "sp_capacity"),
        $0.integer(
          "banks", \.scratchpad.banks, .powerOfTwo(2...64),
          "Banks, each a contiguous part of the rows.",
          "sp_banks"),
        $0.boolean(
          "singlePorted", \.scratchpad.singlePorted,
          "One port: a write blocks reads of its bank for the cycle.", "sp_singleported"),
        $0.integer(
          "readDelay", \.scratchpad.readDelay, .any(1...64),
          "Depth of each bank's response queues; the control queue and the move-out queues are "
            + "1 or 2 deeper. A depth, not a latency (facts 6.4, 8.1, 8.3).",
          unit: "rows", "spad_read_delay"),
        $0.integer(
          "readPipelineStages", \.scratchpad.readPipelineStages, .any(0...16),
          "Register stages between a bank's SRAM and its readers. 0 (newest revision): only the "
            + "response queue, data usable 2 cycles after the read. n > 0 (2023 revisions: 4): n + 1 "
            + "cycles (corrections V1).",
          unit: "cycles", "corrections V1"),
      ]
    })

  private static let accumulatorSection = ConfigSection(
    name: "accumulator",
    meaning: "The memory of results. A row holds DIM elements.",
    keys: KeyMaker("accumulator").keys {
      [
        $0.choice(
          "elementType", \.accumulator.elementType, "Type of an element.", "accType"),
        $0.integer(
          "capacityKiB", \.accumulator.capacityKiB, .any(1...262_144), "Size.", unit: "KiB",
          "acc_capacity"),
        $0.integer(
          "banks", \.accumulator.banks, .powerOfTwo(1...4),
          "Banks, each a contiguous part of the rows; the hardware names them in 2 bits.",
          "acc_banks"),
        $0.boolean(
          "singlePorted", \.accumulator.singlePorted,
          "Banks of single-ported SRAMs instead of ones that read and write in a cycle (facts 8.5).",
          "acc_singleported"),
        $0.integer(
          "subBanks", \.accumulator.subBanks, .powerOfTwo(1...4),
          "SRAMs in a single-ported bank, chosen by the low bits of the row.", "acc_sub_banks"),
        $0.integer(
          "latency", \.accumulator.latency, .any(2...16),
          "From an accepted write to the SRAM holding it.", unit: "cycles", "acc_latency"),
        $0.boolean(
          "readsFullWidth", \.accumulator.readsFullWidth, "Raw 32-bit rows can be moved out.",
          "acc_read_full_width"),
        $0.boolean(
          "readsSmallWidth", \.accumulator.readsSmallWidth, "Scaled int8 rows can be moved out.",
          "acc_read_small_width"),
      ]
    })

  private static let reservationStationSection = ConfigSection(
    name: "reservationStation",
    meaning: "Where commands wait for the commands that they depend on (facts 5.5).",
    keys: KeyMaker("reservationStation").keys {
      [
        $0.integer(
          "loadEntries", \.reservationStation.loadEntries, .powerOfTwo(1...64), "Loads held.",
          unit: "commands", "reservation_station_entries_ld"),
        $0.integer(
          "storeEntries", \.reservationStation.storeEntries, .powerOfTwo(1...64), "Stores held.",
          unit: "commands", "reservation_station_entries_st"),
        $0.integer(
          "executeEntries", \.reservationStation.executeEntries, .powerOfTwo(2...64),
          "Executes held; a preload waits here for its compute, so 2 is the least.",
          unit: "commands", "reservation_station_entries_ex"),
        $0.integer(
          "nonlinearEntries", \.reservationStation.nonlinearEntries, .powerOfTwo(1...64),
          "Commands of the nonlinear unit held, where there is one.", unit: "commands",
          "this project's own"),
        $0.choice(
          "storeOrder", \.reservationStation.storeOrder,
          "What a store waits for: every older store's completion (newest revision) or only its "
            + "issue (2023 revisions).",
          "corrections V3"),
      ]
    })

  private static let queueSection = ConfigSection(
    name: "queues", meaning: "Command queues of the controllers.",
    keys: KeyMaker("queues").keys {
      [
        $0.integer(
          "load", \.queues.load, .any(1...64), "Depth of the load controller's queue.",
          unit: "commands", "ld_queue_length"),
        $0.integer(
          "store", \.queues.store, .any(1...64), "Depth of the store controller's queue.",
          unit: "commands", "st_queue_length"),
        $0.integer(
          "execute", \.queues.execute, .any(3...64),
          "Depth of the execute controller's queue, which is read three commands deep.",
          unit: "commands", "ex_queue_length"),
      ]
    })

  private static let dmaSection = ConfigSection(
    name: "dma",
    meaning: "The engines between main memory and the local memories. Addresses are physical: "
      + "nothing ever misses in a TLB, as on hardware without paging (facts 9.4).",
    keys: KeyMaker("dma").keys {
      [
        $0.integer(
          "maxBytes", \.dma.maxBytes, .powerOfTwo(4...4096),
          "Largest request. Also fixes the widest move-in: as many bytes, at least DIM.",
          unit: "bytes",
          "dma_maxbytes"),
        $0.integer(
          "busBits", \.dma.busBits, .powerOfTwo(32...1024), "Width of the bus: one beat a cycle.",
          unit: "bits", "dma_buswidth"),
        $0.integer(
          "maxInFlight", \.dma.maxInFlight, .any(2...1024),
          "Reads, and separately writes, in flight; with 1 a write of several beats waits for "
            + "itself (facts 9.3, quirk). Also fixes the load (store) commands in flight: "
            + "`maxInFlight / DIM + 1`.",
          unit: "requests", "max_in_flight_mem_reqs"),
        $0.integer(
          "alignedTo", \.dma.alignedTo, .powerOfTwo(1...256),
          "Smallest alignment of a request and of a scratchpad write.", unit: "bytes", "aligned_to"),
      ]
    })

  private static let moveInSection = ConfigSection(
    name: "moveIn",
    meaning: "The scaling unit for int8 rows on their way in; int32 rows are never scaled.",
    keys: KeyMaker("moveIn").keys {
      [
        $0.integer(
          "scaleUnits", \.moveIn.scaleUnits, .any(0...768),
          "Multipliers that the lanes share; 0: one a lane, fully pipelined.", unit: "multipliers",
          "mvin_scale_args.num_scale_units (−1 there is 0 here)"),
        $0.integer(
          "scaleLatency", \.moveIn.scaleLatency, .any(1...64), "Pipeline stages of a multiplier.",
          unit: "cycles", "mvin_scale_args.latency"),
        $0.integer(
          "queueDepth", \.moveIn.queueDepth, .any(0...64),
          "Entries between the reader and the scaler: 2 in the newest revision, 0 (a wire) in the "
            + "2023 revisions.",
          unit: "rows", "corrections V2"),
      ]
    })

  private static let moveOutSection = ConfigSection(
    name: "moveOut", meaning: "The scaling unit for accumulator rows on their way out.",
    keys: KeyMaker("moveOut").keys {
      [
        $0.integer(
          "scaleUnits", \.moveOut.scaleUnits, .any(0...772),
          "Multipliers that the lanes share; 0: one a lane, fully pipelined.", unit: "multipliers",
          "acc_scale_args.num_scale_units (−1 there is 0 here)"),
        $0.integer(
          "scaleLatency", \.moveOut.scaleLatency, .any(1...64), "Pipeline stages of a multiplier.",
          unit: "cycles", "acc_scale_args.latency"),
      ]
    })
}

/// Makes the keys of one section; spares repeating its name.
struct KeyMaker {
  private let name: String

  init(_ name: String) { self.name = name }

  func keys(_ make: (KeyMaker) -> [ConfigKey]) -> [ConfigKey] { make(self) }

  func integer(
    _ key: String, _ path: WritableKeyPath<HardwareConfig, Int> & Sendable,
    _ domain: IntegerDomain, _ meaning: String, unit: String? = nil, _ source: String
  ) -> ConfigKey {
    ConfigKey(
      section: name, name: key, meaning: meaning, unit: unit, source: source,
      access: .integer(path, domain))
  }

  func boolean(
    _ key: String, _ path: WritableKeyPath<HardwareConfig, Bool> & Sendable, _ meaning: String,
    _ source: String
  ) -> ConfigKey {
    ConfigKey(
      section: name, name: key, meaning: meaning, unit: nil, source: source,
      access: .boolean(path))
  }

  func choice<Value: RawRepresentable<String> & CaseIterable & SendableMetatype>(
    _ key: String, _ path: WritableKeyPath<HardwareConfig, Value> & Sendable, _ meaning: String,
    _ source: String
  ) -> ConfigKey {
    ConfigKey(
      section: name, name: key, meaning: meaning, unit: nil, source: source,
      access: .choice(ConfigKey.Choice(path)))
  }
}
