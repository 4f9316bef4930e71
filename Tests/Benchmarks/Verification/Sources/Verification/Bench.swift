import Glibc

/// Times the opening of a license, whole, beside the bare verification of its signature by OpenSSL.
///
///     swift run -c release --package-path Tests/Benchmarks/Verification Verification [ROUNDS]
///
/// Both are done in turn, in one process, on the same bytes, key and algorithm; what is printed is the
/// median of the rounds. Bare is what OpenSSL asks of any caller who holds the key ready: a context, the
/// parameters of the algorithm, `EVP_DigestVerify`.
@main
enum Bench {
  static func main() throws {
    let rounds = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 9
    for (name, key, calls) in [
      ("Ed25519", try SigningKey.ed25519(2), 2000), ("PS256 2048", try SigningKey.rsa(2048), 6000),
      ("PS256 3072", try SigningKey.rsa(3072), 4000),
      ("PS256 4096", try SigningKey.rsa(4096), 2500),
    ] {
      let subject = try Subject(key)
      var ratios: [Double] = []
      var times: [(bare: Double, whole: Double)] = []
      for _ in 0..<max(1, rounds) {
        let bare = try seconds(calls) { try subject.verifyBare() }
        let whole = try seconds(calls) { try subject.open() }
        times.append((bare / Double(calls), whole / Double(calls)))
        ratios.append(bare / whole)
      }
      let bare = median(times.map(\.bare)) * 1e6
      let whole = median(times.map(\.whole)) * 1e6
      print(
        "\(name): bare \(tenths(bare)) us, license \(tenths(whole)) us; rate of the license "
          + "\(hundredths(median(ratios))) of the bare one")
    }
  }

  /// Time of the process, not of the wall: other processes of the machine do not count.
  private static func seconds(_ calls: Int, _ body: () throws -> Void) rethrows -> Double {
    let start = processorTime()
    for _ in 0..<calls { try body() }
    return processorTime() - start
  }

  private static func processorTime() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  private static func median(_ values: [Double]) -> Double {
    values.sorted()[values.count / 2]
  }

  private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }
  private static func hundredths(_ value: Double) -> Double { (value * 100).rounded() / 100 }
}
