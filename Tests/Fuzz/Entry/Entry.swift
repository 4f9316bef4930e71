internal import FuzzHarness
internal import Glibc

/// What libFuzzer calls. `TALLY_FUZZ_TARGET` names the decoder.
private enum Session {
  static let target: FuzzTarget = {
    let name = unsafe getenv("TALLY_FUZZ_TARGET").map { unsafe String(cString: $0) } ?? ""
    guard let target = FuzzTarget(rawValue: name) else {
      refuse("TALLY_FUZZ_TARGET must be one of \(FuzzTarget.allCases.map(\.rawValue))")
    }
    return target
  }()

  static let harness: FuzzHarness = {
    do { return try FuzzHarness() } catch { refuse("no harness: \(error)") }
  }()

  /// Ends the process before the first input: there is nothing to find.
  private static func refuse(_ message: String) -> Never {
    print(message)
    fflush(nil)
    _exit(64)
  }

  /// Inputs accepted with the same bytes, accepted in another spelling, refused. libFuzzer calls from
  /// one thread.
  nonisolated(unsafe) static var counts: (same: Int, other: Int, refused: Int) = {
    _ = atexit {
      let counts = unsafe Session.counts
      print(
        "outcomes: \(counts.same) accepted to the same bytes, \(counts.other) in another spelling, "
          + "\(counts.refused) refused")
    }
    return (0, 0, 0)
  }()

  static func count(_ outcome: FuzzOutcome) {
    switch outcome {
    case .accepted(true): unsafe counts.same += 1
    case .accepted(false): unsafe counts.other += 1
    case .refused: unsafe counts.refused += 1
    }
  }
}

/// Runs the target on one input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ data: UnsafePointer<UInt8>?, _ size: Int) -> Int32 {
  let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
  do {
    Session.count(try Session.harness.run(Session.target, input))
  } catch {
    // libFuzzer saves an input by the trap that it ends in: this one is the purpose of the program.
    fatalError("contradiction: \(error)")
  }
  return 0
}

@_silgen_name("LLVMFuzzerMutate")
private func mutate(_ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ capacity: Int) -> Int

/// One call in two changes what lies under the wrapping.
@_cdecl("LLVMFuzzerCustomMutator")
public func customMutator(
  _ data: UnsafeMutablePointer<UInt8>, _ size: Int, _ capacity: Int, _ seed: UInt32
) -> Int {
  let input = unsafe Array(UnsafeBufferPointer(start: data, count: size))
  let change: ([UInt8]) -> [UInt8] = { bytes in
    var space = bytes + [UInt8](repeating: 0, count: max(capacity - bytes.count, 0))
    let length = unsafe space.withUnsafeMutableBufferPointer {
      guard let base = $0.baseAddress else { return 0 }
      return unsafe mutate(base, bytes.count, capacity)
    }
    return Array(space.prefix(length))
  }
  guard seed & 1 == 0,
    let changed = Peeling.changing(Session.target, input, choice: seed >> 1, change),
    changed.count <= capacity
  else { return unsafe mutate(data, size, capacity) }
  for (offset, byte) in changed.enumerated() { unsafe data[offset] = byte }
  return changed.count
}
