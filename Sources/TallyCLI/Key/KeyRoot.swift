internal import ArgumentParser
internal import Authority
internal import Sealing
internal import Terminal

/// Prints the trust root.
struct KeyRoot: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "root", abstract: "Print root.jwks: the public root keys and their threshold.",
    discussion: """
      Put it into Keys/root.jwks before building the programs that customers get. Nothing in it is \
      secret.

      Without --jwk it holds the roots of the registry's newest keyset; with it, those of the files \
      that "tally key export" wrote, and no registry is needed. Then --threshold says how many of \
      them must sign a keyset: more than half of them, unless it is given.

      Example: tally key root --jwk root-a.jwk --jwk root-b.jwk --jwk root-c.jwk --threshold 2 > \
      root.jwks
      """)

  @Option(help: ArgumentHelp("A root's public key; repeatable.", valueName: "file"))
  var jwk: [String] = []

  @Option(help: ArgumentHelp("How many roots must sign a keyset.", valueName: "n"))
  var threshold: Int?

  @OptionGroup var registry: RegistryOptions
  @OptionGroup var output: OutputOption
  @OptionGroup var format: FormatOption

  func validate() throws {
    guard !jwk.isEmpty || threshold == nil else {
      throw ValidationError(
        "--threshold goes with --jwk; that of the registry is set with \"tally keyset draft\"")
    }
  }

  func run() throws {
    try output.check()
    let roots = jwk.isEmpty ? try registry.open(for: .read).roots() : try composed()
    let file = roots.json.text + "\n"
    try output.write(file, cure: "name another file with --out")
    output.show(file, format.format, [JSONMember("root", roots.json)])
  }

  private func composed() throws -> RootKeys {
    var keys: [PublicKey] = []
    for file in jwk {
      let key = try KeyFile.publicKey(file)
      guard !keys.contains(key) else {
        throw CommandError(.usage, "\(file) holds a key that another --jwk has: name each once")
      }
      keys.append(key)
    }
    do throws(Refusal) {
      return try RootKeys(threshold: threshold ?? keys.count / 2 + 1, keys: keys)
    } catch {
      throw CommandError(
        .usage,
        "--threshold must be from 1 to \(keys.count), the number of root keys (at most 16)")
    }
  }
}
