import { storageFailure } from "@yingshao/ports/storage"
import { type GroupCommitLimits, groupCommit, type Transaction } from "@yingshao/storage-sqlite/group-commit"
import { describe, expect, it } from "vitest"

const limits: GroupCommitLimits = {
  batch: 4,
  waiting: 6,
  waitingCharacters: 100,
  busyTries: 2,
  busyPauseMs: 0,
}

const sqliteError = (code: number): Error => Object.assign(new Error(`code ${code}`), { errcode: code })

/** A transaction that writes down what happens, and throws where a test says so. */
const recorded = (throws: Partial<Record<keyof Transaction, () => void>> = {}) => {
  const log: string[] = []
  let open = false
  const transaction: Transaction = {
    begin: () => {
      throws.begin?.()
      log.push("begin")
      open = true
    },
    commit: () => {
      log.push("commit")
      throws.commit?.()
      open = false
    },
    rollback: () => {
      throws.rollback?.()
      log.push("rollback")
      open = false
    },
    isOpen: () => open,
  }
  return {
    log,
    transaction,
    close: () => {
      open = false
    },
  }
}

const outcomes = async (promises: readonly Promise<unknown>[]): Promise<readonly unknown[]> =>
  (await Promise.allSettled(promises)).map((one) =>
    one.status === "fulfilled" ? one.value : `${one.reason.reason} ${one.reason.outcome}`,
  )

describe("group commit", () => {
  it("writes that wait share one transaction, up to the batch limit", async () => {
    const { log, transaction } = recorded()
    const group = groupCommit(transaction, limits, "file")
    const done = await outcomes([1, 2, 3, 4, 5].map((one) => group.write(1, () => log.push(`write ${one}`))))
    expect(done).toHaveLength(5)
    expect(log).toEqual([
      "begin",
      "write 1",
      "write 2",
      "write 3",
      "write 4",
      "commit",
      "begin",
      "write 5",
      "commit",
    ])
  })

  it("nobody is told before the commit", async () => {
    const { log, transaction } = recorded()
    const group = groupCommit(transaction, limits, "file")
    await Promise.all([1, 2].map((one) => group.write(1, () => one).then(() => log.push(`told ${one}`))))
    expect(log).toEqual(["begin", "commit", "told 1", "told 2"])
  })

  it("a write that throws fails alone: the others run again, each in its own transaction", async () => {
    const { log, transaction } = recorded()
    const group = groupCommit(transaction, limits, "file")
    const bad = () => {
      log.push("bad")
      throw sqliteError(13)
    }
    const done = await outcomes([group.write(1, () => "a"), group.write(1, bad), group.write(1, () => "c")])
    expect(done).toEqual(["a", "full unchanged", "c"])
    expect(log).toEqual([
      "begin",
      "bad",
      "rollback",
      "begin",
      "commit",
      "begin",
      "bad",
      "rollback",
      "begin",
      "commit",
    ])
  })

  it("a refusal of the arguments costs the neighbours nothing", async () => {
    const { log, transaction } = recorded()
    const group = groupCommit(transaction, limits, "file")
    const bad = () => {
      throw storageFailure("invalid", "unchanged", "too much")
    }
    expect(await outcomes([group.write(1, () => "a"), group.write(1, bad)])).toEqual([
      "a",
      "invalid unchanged",
    ])
    expect(log).toEqual(["begin", "commit"])
  })

  it("a failed commit that can be undone acknowledges none, unchanged", async () => {
    const { log, transaction } = recorded({
      commit: () => {
        throw sqliteError(5)
      },
    })
    const group = groupCommit(transaction, limits, "file")
    expect(await outcomes([1, 2].map((one) => group.write(1, () => one)))).toEqual([
      "busy unchanged",
      "busy unchanged",
    ])
    expect(log).toEqual(["begin", "commit", "rollback"])
  })

  it("a failed commit that ended the transaction acknowledges none, unknown", async () => {
    const { transaction, close } = recorded({
      commit: () => {
        close()
        throw sqliteError(10)
      },
    })
    const group = groupCommit(transaction, limits, "file")
    expect(await outcomes([1, 2].map((one) => group.write(1, () => one)))).toEqual([
      "unavailable unknown",
      "unavailable unknown",
    ])
  })

  it("a commit that did not fit on the disk is undone although SQLite ended it: unchanged", async () => {
    const { transaction, close } = recorded({
      commit: () => {
        close()
        throw sqliteError(13)
      },
    })
    const group = groupCommit(transaction, limits, "file")
    expect(await outcomes([1, 2].map((one) => group.write(1, () => one)))).toEqual([
      "full unchanged",
      "full unchanged",
    ])
  })

  it("a rollback that fails leaves the outcome unknown", async () => {
    const { transaction } = recorded({
      rollback: () => {
        throw sqliteError(10)
      },
    })
    const group = groupCommit(transaction, limits, "file")
    const bad = () => {
      throw sqliteError(10)
    }
    expect(await outcomes([group.write(1, bad)])).toEqual(["unavailable unknown"])
  })

  it("a lock is waited for, bounded, in order", async () => {
    let busy = 2
    const { log, transaction } = recorded({
      begin: () => {
        busy -= 1
        if (busy >= 0) throw sqliteError(5)
      },
    })
    const group = groupCommit(transaction, limits, "file")
    expect(await outcomes([1, 2].map((one) => group.write(1, () => one)))).toEqual([1, 2])
    expect(log).toEqual(["begin", "commit"])
    busy = 100
    expect(await outcomes([group.write(1, () => 3)])).toEqual(["busy unchanged"])
    busy = 0
    expect(await outcomes([group.write(1, () => 4)])).toEqual([4])
  })

  it("O9 more writes than may wait are refused as busy, and those inside go on", async () => {
    const { transaction } = recorded()
    const group = groupCommit(transaction, limits, "file")
    const done = await outcomes(Array.from({ length: 8 }, (_, one) => group.write(1, () => one)))
    expect(done).toEqual([0, 1, 2, 3, 4, 5, "busy unchanged", "busy unchanged"])
    expect(await outcomes([group.write(1, () => 9)])).toEqual([9])
  })

  it("O9 more characters than may wait are refused as busy; one large write alone passes", async () => {
    const { transaction } = recorded()
    const group = groupCommit(transaction, limits, "file")
    expect(await outcomes([group.write(60, () => 1), group.write(60, () => 2)])).toEqual([
      1,
      "busy unchanged",
    ])
    expect(await outcomes([group.write(500, () => 3)])).toEqual([3])
    expect(await outcomes([group.write(60, () => 4)])).toEqual([4])
  })

  it("drains: what was accepted is finished", async () => {
    const { log, transaction } = recorded()
    const group = groupCommit(transaction, limits, "file")
    await group.drained()
    const writes = [1, 2, 3, 4, 5].map((one) => group.write(1, () => one))
    await group.drained()
    expect(log.filter((one) => one === "commit")).toHaveLength(2)
    expect(await outcomes(writes)).toEqual([1, 2, 3, 4, 5])
  })
})
