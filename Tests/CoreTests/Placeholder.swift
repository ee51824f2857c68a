import Testing
import Core
@Test func builds() {}
