extension HardwareConfig {
  /// The reference of every key as Markdown: what `Docs/Configuration.md` holds.
  public static func referenceTable() -> String {
    ([introduction, presetText] + sections.map(sectionText) + [ruleText, absentText])
      .joined(separator: "\n")
  }

  private static let introduction = """
    # Hardware configuration

    <!-- Written by HardwareConfig.referenceTable(). To rewrite it after a change of the keys:
         RECORD_GOLDEN=1 swift test --filter ConfigFiles -->

    A machine is a JSON file. What it leaves out has the default in the tables below, so that a file
    says only in what its machine differs:

    ```json
    {
      "$schema": "schema/hardware.schema.json",
      "name": "half-array",
      "array": {"meshRows": 8, "meshColumns": 8},
      "accumulator": {"capacityKiB": 32}
    }
    ```

    `$schema` is for editors and may be left out; `Configs/schema/hardware.schema.json` lets them
    complete and check keys. `name` is a name for reports of \(nameKey.expectation).

    Reading is strict. Unknown and repeated keys, fractions where a whole number belongs, trailing
    commas and comments are errors, and all of a file's errors are reported together, each with its
    line, its key, what was found and what was expected.

    Words: "newest revision" is the Gemmini that the defaults describe, "2023 revisions" are the two
    whose RTL was recorded. "Facts" and "corrections" are the project's notes on the hardware, which
    the chapter numbers refer to. DIM is the rows, and columns, of the array.

    """

  private static var presetText: String {
    let rows = presets.map { preset in
      let differences = sections.flatMap(\.keys).compactMap { key -> String? in
        let value = key.output(preset.config).text()
        return value == key.output(HardwareConfig()).text() ? nil : "`\(key.path)` \(value)"
      }
      let difference = differences.isEmpty ? "nothing" : differences.joined(separator: ", ")
      return "| `\(preset.config.name)` | \(preset.summary) | \(difference) |"
    }
    return """
      ## Predefined machines

      Each is also a file in `Configs`.

      | Name | What it is | Differs from the defaults in |
      |---|---|---|
      \(rows.joined(separator: "\n"))

      """
  }

  private static func sectionText(_ section: ConfigSection) -> String {
    let rows = section.keys.map { key in
      let value = key.output(HardwareConfig()).text()
      let unit = key.unit ?? "–"
      return "| `\(key.name)` | \(key.expectation) | \(value) | \(unit) | \(key.meaning) "
        + "| \(key.source) |"
    }
    return """
      ## `\(section.name)`

      \(section.meaning)

      | Key | Values | Default | Unit | Meaning | Gemmini parameter or source |
      |---|---|---|---|---|---|
      \(rows.joined(separator: "\n"))

      """
  }

  private static var ruleText: String {
    let rows = rules.map { rule in
      "| \(rule.keys.map { "`\($0)`" }.joined(separator: ", ")) | \(rule.statement) |"
    }
    return """
      ## Rules between keys

      | Keys | What must hold |
      |---|---|
      \(rows.joined(separator: "\n"))

      """
  }

  private static let absentText = """
    ## Parameters of the generator that have no key

    | Parameter | Why |
    |---|---|
    | `tlb_size`, `use_tlb_register_filter`, `use_shared_tlb` | addresses are physical and nothing \
    misses, as on hardware without paging; a hit takes one cycle whatever these are |
    | `mvin_scale_acc_args`, `mvin_scale_shared` | the integer machines do not scale int32 rows on \
    the way in |
    | floating-point and other element types | not modelled; `elementType` names what is |
    | `use_tree_reduction_if_possible` | changes only the rounding of floating-point sums |
    | `shifter_banks` | another circuit with the same delays |
    | `use_shared_ext_mem`, `use_tl_ext_mem`, `tl_ext_mem_base` | scratchpads outside the \
    accelerator are not modelled |
    | `use_dedicated_tl_port` | the recorded hardware has the dedicated port; the other is not \
    modelled |
    | `opcodes`, `headerFileName`, `clock_gate`, `use_firesim_simulation_counters` | no effect on \
    results or cycles |
    | load states (3), loop contexts (2), statistics sets of the normaliser (2) | constants of the \
    hardware |

    """
}
