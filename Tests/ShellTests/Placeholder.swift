import Testing
import Shell
@Test func buildsShell() {}
