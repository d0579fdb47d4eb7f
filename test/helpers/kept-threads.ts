// The threads that decode and corrupt are kept from one pool of a test's process to the next, as a session's process keeps them: each loads the program anew.
import { keepThreads } from '#stream/pool.ts'

keepThreads()
