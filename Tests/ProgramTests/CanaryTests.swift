import Foundation
import Testing

extension ProgramTests {
  /// No key, passphrase, token or license text in anything that a program says.
  @Suite(.serialized) struct CanaryTests {
    private static let customer = "Kanarienvogel & Söhne GmbH"

    @Test func `a whole life at the most talkative level says no secret`() async throws {
      try await Stage.play { stage in
        let life = try await CanaryLife.open(on: stage, customer: Self.customer)
        try await life.live()
        try await life.err()
        let (canaries, said) = (life.canaries, life.hearing.all)

        // The ear works: each canary is heard when it is said, among other words too.
        for canary in canaries.all {
          let planted = "2026-11-21 debug \(canary.text) and more"
          #expect(canaries.found(in: planted, [canary.kind]).contains(canary.name))
        }
        let kept = try stage.text("payg.license")
        #expect(canaries.found(in: kept, [.license]).count > 10)
        #expect(canaries.found(in: life.tokenOutput, [.secret]) == ["the gateway's token"])

        #expect(canaries.all.count > 90)
        #expect(said.count > 30)
        #expect(said.count { $0.isDaemon } >= 6)
        // A level that says nothing would prove nothing.
        for line in [" debug tally-verifier: ", " trace tally-gateway: "] {
          #expect(said.contains { $0.isDaemon && $0.text.contains(line) }, "\(line)")
        }
        for voice in said {
          let kinds: Set<Canaries.Kind> = voice.isDaemon ? [.secret, .license] : [.secret]
          #expect(canaries.found(in: voice.text, kinds) == [], "\(voice.who): \(voice.text)")
        }
      }
    }

    @Test func `secrets lie in their own files and nowhere else`() async throws {
      try await Stage.play { stage in
        let life = try await CanaryLife.open(on: stage, customer: Self.customer)
        try await life.live()
        let secrets = try life.secretBytes()
        #expect(secrets.count == 9)
        let files = try stage.files(".")
        #expect(files.count > 20)
        for (name, bytes, homes) in secrets {
          let holders = try files.filter {
            try Data(contentsOf: URL(fileURLWithPath: $0)).range(of: bytes) != nil
          }
          let names = Set(holders.map { String($0.dropFirst(stage.folder.path.count + 3)) })
          #expect(names == homes, "\(name)")
        }
      }
    }
  }
}
