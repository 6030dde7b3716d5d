#pragma once

namespace datahub::pipeline {

// Every CrashPoint of this folder, in the order a batch passes them. A test holds this list to the sources.
inline constexpr const char* kCrashPoints[] = {
    "recover.before_reveal",     // an open intent was found
    "recover.after_reveal",      // its objects have their names, it is not committed
    "recover.before_abandon",    // its objects are removed, it still stands
    "recover.before_cleaning",   // no intent is open, unseen leftovers are there
    "removed.before_forget",     // removed files are deleted, the ledger still lists them as removed
    "batch.read",                // everything is read, some of it unwritten
    "batch.sealed",              // files are synced, unseen
    "commit.before_intent",      // their names are synced too
    "commit.after_intent",       // only fencing can stop it now
    "commit.after_reveal",       //
    "commit.after_commit",       //
    "batch.before_acknowledge",  //
    "batch.acknowledged",        //
};

}  // namespace datahub::pipeline
