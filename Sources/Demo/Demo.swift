import AsyncHTTPClient
import Foundation

/// The whole life of a license in a fresh folder, with the real programs.
///
/// It prints each command before it runs it, and ends with a status other than 0 as soon as a figure is
/// not what it must be.
@main
enum Demo {
  static func main() async {
    do {
      let folder = FileManager.default.temporaryDirectory
        .appending(path: "tally-demo-\(UUID().uuidString.prefix(8).lowercased())")
      try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
      let story = try Story(shell: Shell(folder: folder))
      say(
        "$ cd \(folder.path)\n$ export PATH=\(story.shell.programs.path):$PATH TALLY_TRUST_ROOT=root.jwks"
      )
      try await story.play()
      say("\n\(story.checked) figures were what they must be. Everything is in \(folder.path).")
    } catch {
      FileHandle.standardError.write(Data("\nThe demo failed: \(error)\n".utf8))
      exit(1)
    }
  }
}
