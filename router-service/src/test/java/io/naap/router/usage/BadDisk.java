package io.naap.router.usage;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;
import java.nio.file.OpenOption;
import java.nio.file.Path;

/** A disk that is full, or cannot be forced, for as long as a test says. */
final class BadDisk {
  boolean full;
  boolean unforceable;
  int forced;

  FileChannel open(Path file, OpenOption... options) throws IOException {
    return new Channel(FileChannel.open(file, options));
  }

  /** Half of what is written to a full disk arrives, and it takes nothing back. */
  private final class Channel extends FileChannel {
    private final FileChannel real;

    Channel(FileChannel real) {
      this.real = real;
    }

    private ByteBuffer half(ByteBuffer from) {
      ByteBuffer half = from.duplicate();
      return half.limit(half.position() + half.remaining() / 2);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
      if (full) {
        real.write(half(from));
        throw new IOException("No space left on device");
      }
      return real.write(from);
    }

    @Override
    public int write(ByteBuffer from, long at) throws IOException {
      if (full) {
        real.write(half(from), at);
        throw new IOException("No space left on device");
      }
      return real.write(from, at);
    }

    @Override
    public FileChannel truncate(long size) throws IOException {
      if (full) {
        throw new IOException("Input/output error");
      }
      return real.truncate(size);
    }

    @Override
    public void force(boolean metaData) throws IOException {
      if (unforceable) {
        throw new IOException("Input/output error");
      }
      forced++;
      real.force(metaData);
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
      return real.read(to);
    }

    @Override
    public long read(ByteBuffer[] to, int offset, int length) throws IOException {
      return real.read(to, offset, length);
    }

    @Override
    public int read(ByteBuffer to, long at) throws IOException {
      return real.read(to, at);
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
      return real.write(from, offset, length);
    }

    @Override
    public long position() throws IOException {
      return real.position();
    }

    @Override
    public FileChannel position(long at) throws IOException {
      return real.position(at);
    }

    @Override
    public long size() throws IOException {
      return real.size();
    }

    @Override
    public long transferTo(long at, long count, WritableByteChannel to) throws IOException {
      return real.transferTo(at, count, to);
    }

    @Override
    public long transferFrom(ReadableByteChannel from, long at, long count) throws IOException {
      return real.transferFrom(from, at, count);
    }

    @Override
    public MappedByteBuffer map(MapMode mode, long at, long size) throws IOException {
      return real.map(mode, at, size);
    }

    @Override
    public FileLock lock(long at, long size, boolean shared) throws IOException {
      return real.lock(at, size, shared);
    }

    @Override
    public FileLock tryLock(long at, long size, boolean shared) throws IOException {
      return real.tryLock(at, size, shared);
    }

    @Override
    protected void implCloseChannel() throws IOException {
      real.close();
    }
  }
}
