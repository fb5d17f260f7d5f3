;; A matrix times a vector, added to another: y += W x, in float32, four rows and four columns at once.
;; `make kernel` assembles it into kernel_code.js.
(module
  (memory (export "memory") 1)

  ;; Addresses in bytes, W row by row; rows and columns are multiples of 4, and there is at least one of each.
  (func (export "add")
    (param $w i32) (param $x i32) (param $y i32) (param $rows i32) (param $columns i32)
    (local $stride i32) (local $two i32) (local $three i32) (local $at i32) (local $end i32) (local $last i32)
    (local $v v128) (local $a v128) (local $b v128) (local $c v128) (local $d v128)
    (local.set $stride (i32.shl (local.get $columns) (i32.const 2)))
    (local.set $two (i32.shl (local.get $stride) (i32.const 1)))
    (local.set $three (i32.add (local.get $two) (local.get $stride)))
    (local.set $end (i32.add (local.get $x) (local.get $stride)))
    (local.set $last (i32.add (local.get $y) (i32.shl (local.get $rows) (i32.const 2))))
    (loop $four_rows
      (local.set $at (local.get $x))
      (local.set $a (v128.const f32x4 0 0 0 0))
      (local.set $b (v128.const f32x4 0 0 0 0))
      (local.set $c (v128.const f32x4 0 0 0 0))
      (local.set $d (v128.const f32x4 0 0 0 0))
      (loop $four_columns
        (local.set $v (v128.load (local.get $at)))
        (local.set $a (f32x4.add (local.get $a)
          (f32x4.mul (v128.load (local.get $w)) (local.get $v))))
        (local.set $b (f32x4.add (local.get $b)
          (f32x4.mul (v128.load (i32.add (local.get $w) (local.get $stride))) (local.get $v))))
        (local.set $c (f32x4.add (local.get $c)
          (f32x4.mul (v128.load (i32.add (local.get $w) (local.get $two))) (local.get $v))))
        (local.set $d (f32x4.add (local.get $d)
          (f32x4.mul (v128.load (i32.add (local.get $w) (local.get $three))) (local.get $v))))
        (local.set $w (i32.add (local.get $w) (i32.const 16)))
        (local.set $at (i32.add (local.get $at) (i32.const 16)))
        (br_if $four_columns (i32.lt_u (local.get $at) (local.get $end))))
      ;; a = [a0+a2 b0+b2 a1+a3 b1+b3], and c the same of c and d
      (local.set $a (f32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $a) (local.get $b))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $a) (local.get $b))))
      (local.set $c (f32x4.add
        (i8x16.shuffle 0 1 2 3 16 17 18 19 4 5 6 7 20 21 22 23 (local.get $c) (local.get $d))
        (i8x16.shuffle 8 9 10 11 24 25 26 27 12 13 14 15 28 29 30 31 (local.get $c) (local.get $d))))
      (v128.store (local.get $y) (f32x4.add (v128.load (local.get $y)) (f32x4.add
        (i8x16.shuffle 0 1 2 3 4 5 6 7 16 17 18 19 20 21 22 23 (local.get $a) (local.get $c))
        (i8x16.shuffle 8 9 10 11 12 13 14 15 24 25 26 27 28 29 30 31 (local.get $a) (local.get $c)))))
      (local.set $w (i32.add (local.get $w) (local.get $three)))
      (local.set $y (i32.add (local.get $y) (i32.const 16)))
      (br_if $four_rows (i32.lt_u (local.get $y) (local.get $last))))))
