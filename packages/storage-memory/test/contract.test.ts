import { memoryStorage } from "@yingshao/storage-memory"
import { storageContract } from "@yingshao/testkit/storage-contract"
import { describe, it } from "vitest"

storageContract(
  {
    name: "memory",
    open: async () => memoryStorage(),
    capabilities: { closing: true, archiving: async () => ({ open: async () => memoryStorage() }) },
  },
  { describe, it },
)
